"""Toys from kernels and terminals."""
