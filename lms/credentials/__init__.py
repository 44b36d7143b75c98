"""Credentials (证书): issue, show, verify, revoke.

Words: a *credential* is our statement that a person met a program, frozen as it was issued; its
*code* is a random number with a check character, so that a typing error is told from a number
nobody ever gave; an *event* revokes, suspends or reinstates it, with reason and authority. The
*standing* is the answer to "is it good today?".
"""
