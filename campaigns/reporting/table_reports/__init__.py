"""Table reports, of figures and tables without the form of a letter: digest, ranking, spread of a bulletin, results of
a plan and of a partner. Here are their figures."""
