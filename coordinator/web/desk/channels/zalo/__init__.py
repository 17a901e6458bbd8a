"""The pages of a Zalo Official Account: setting one up and granting access."""
