"""The review desk: findings to judge, sign-offs of drugs, and what follows from them.

Reviews say whether the biology of an answer is plausible. They gate what is promoted and served;
no classifier ever learns from them.
"""
