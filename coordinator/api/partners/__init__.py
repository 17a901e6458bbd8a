"""The API of partners, sites, licences and agreements."""
