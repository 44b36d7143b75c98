"""Accounts (账号): signing in, passwords, second factors, sessions, single sign-on.

Words: an *account* is what the platform keeps about how a person signs in; a *lock* stops
guessing for a while; a *link* is a set-password link, given on paper (a *slip*) to whom an account
was made for; the *factor* is the second one beside the password: a code of six digits that the
person's telephone makes (TOTP), or one of ten *recovery codes*; a session is *fresh* as long as
its person has just proved who they are; an *issuer* is an organization's own sign-in (OpenID
Connect), an *identity* what the issuer calls the person; the *desk* is where clerks help.
"""
