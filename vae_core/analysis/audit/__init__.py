"""What a model's weights betray about its training, and what is wrong with it: findings, each a sentence with its number."""
