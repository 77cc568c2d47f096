# expect: script ModuleNotFoundError
import socket
