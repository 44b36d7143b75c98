"""``python -m bench``: what a page costs, against a bare floor in the same run.

*Operation*: one page or one act, as a browser asks for it. *Floor*: a bare Flask program that
reads or writes as little as such a page could, under the same server on the same database.
*Turn*: the same operation over and over for a moment. *Pair*: one turn of ours and one of the
floor, back to back; the ratio of a pair survives a machine that is busy with other things.

Nothing here is shipped. Everything listens on 127.0.0.1, in files of its own, and is bounded in
time and number.
"""
