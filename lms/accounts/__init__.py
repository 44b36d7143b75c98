"""Accounts (账号): signing in, passwords, second factors, sessions, single sign-on."""
