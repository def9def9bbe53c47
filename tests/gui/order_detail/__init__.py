"""Tests of `gui.order_detail`."""
