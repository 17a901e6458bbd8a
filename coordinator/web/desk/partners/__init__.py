"""Desk pages for partners, sites, licences and agreements."""
