"""What is seen on the terminal: progress, tables, logs and the prompt of `a2c sql`.

`campaign.run_campaign` and `training.learn` are a whole campaign and a whole training with all that
a user sees of them; `tables` formats results.
"""
