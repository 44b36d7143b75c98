"""Jobs (后台任务): long work done beside the requests, with a row that says how far it is.

Words: a *kind* is what a job does, registered by ``web``; somebody *asks* for a job; a worker
*claims* it, does it in *portions* and *beats* while it does; each portion is one transaction that
also moves the job on. The table is the truth: the queue (huey) carries numbers of jobs, may lose
them, and the *sweep* finds what it lost. A *stored file* is what was uploaded or made for a job.
"""
