"""Sign-in: passwords, second factors, passkeys, sessions, one-time links and throttling."""
