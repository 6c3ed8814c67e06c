"""The scikit-learn door."""

from lamina.neural_network.autoencoder import Autoencoder
from lamina.neural_network.classifier import MLPClassifier
from lamina.neural_network.contrastive import Contrastive
from lamina.neural_network.masked_features import MaskedFeatures
from lamina.neural_network.regressor import MLPRegressor

__all__ = ["Autoencoder", "Contrastive", "MLPClassifier", "MLPRegressor", "MaskedFeatures"]
