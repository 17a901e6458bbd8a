"""Work on people's data: mails with one-time links, rotation of the secret key, data requests and retention."""
