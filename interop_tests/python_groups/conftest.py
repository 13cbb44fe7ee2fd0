from interop_tests.group_contract import broker_process, start_driver

__all__ = ["broker_process", "start_driver"]
