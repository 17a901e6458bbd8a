"""The staff desk behind sign-in: one package per feature, each with its blueprints and views.

A view reads a form, calls the domain within a session, and renders a template from frozen values. Rules, counting
(``campaigns.reporting``), sending and markup (``templates``) belong elsewhere.
"""
