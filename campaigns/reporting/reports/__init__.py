"""The other reports: digest, ranking, spread of a bulletin, results of a plan and of a partner."""
