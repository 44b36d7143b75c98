"""Jobs (后台任务): long work done beside the requests, with a row that says how far it is."""
