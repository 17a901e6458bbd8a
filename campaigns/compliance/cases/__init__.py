"""Cases and the decisions on them: what was found at an organisation or a person, and what came of it.

A case is entered by an inspector, or is the case of a finding whose outcome was recorded. Every decision, whatever its
case came from, is a row of one table; figures count by the day of the decision. Findings themselves are in
``campaigns.compliance.findings``.
"""
