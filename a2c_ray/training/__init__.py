"""Fit networks to labelled structures: from scratch, from pretrained weights, from a teacher."""

from a2c_ray.training.fitting import Recipe
from a2c_ray.training.labelled import DataError, Labelled, check_labelled
from a2c_ray.training.labelling import label
from a2c_ray.training.parity import parity_errors
from a2c_ray.training.readers import read_labelled
from a2c_ray.training.session import Outcome, Training, train

__all__ = [
    "DataError",
    "Labelled",
    "Outcome",
    "Recipe",
    "Training",
    "check_labelled",
    "label",
    "parity_errors",
    "read_labelled",
    "train",
]
