"""The API of messages: notices to partners and their questions."""
