"""The fields of an address that open nothing: all others may hold a secret, whatever they are called."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

# Fields of a query that open nothing, by their names in lower case: of drivers, and of object stores.
_FIELDS = """
account alt_host application_name applicationintent applicationname arraysize auth_mechanism authenticator
autocommit autocommit_before_ping cache catalog channel_binding charset check_same_thread client_encoding
client_flag collation columnencryption compress compression connect_timeout connection_timeout convert_unicode
database database_name dataset_id db driver encoding encrypt events failover_partner failoverpartner
fallback_application_name fixed_timestamps generation gssencmode gsslib host hostaddr hostnameincertificate
http_path https_verify immutable isolation_level keepalives keepalives_count keepalives_idle
keepalives_interval keyspace krbsrvname language legacy_schema_aliasing load_balance_hosts local_infile
location login_timeout logintimeout max_results maximum_bytes_billed mode multisubnetfailover net_read_timeout
net_write_timeout nolock passfile pool_recycle port prefetchrows program_name project protocol
read_default_file read_default_group read_timeout readonly region replication require_auth role schema
search_path secure server_hostname server_side_cursors servercertificate service service_name session_timezone
sid snapshot source sql_mode ssl ssl_ca ssl_capath ssl_cert ssl_check_hostname ssl_cipher ssl_disabled ssl_key
ssl_min_protocol_version ssl_mode ssl_verify_cert ssl_verify_identity ssl_verify_mode sslcert sslcertmode
sslcompression sslcrl sslcrldir sslkey sslmode sslnegotiation sslrootcert sslsni target_session_attrs
tcp_user_timeout tds_version threaded timeout timezone trusted_connection trustservercertificate unix_socket
uri use_ansi use_unicode user user_agent username validate_default_schema verify verify_ssl version_id
versionid vfs warehouse write_timeout
"""
# The fields of a connection string of ODBC that open nothing.
_FIELDS_OF_ODBC = """
addr address ansinpw app application_name applicationintent authentication autotranslate charset
connection_timeout database dbq description driver dsn encrypt failover_partner hostnameincertificate language
login_timeout loginhost mars_connection multisubnetfailover network port protocol quotedid regional schema
server servercertificate servername service sslmode tds_version timeout trusted_connection
trustservercertificate uid user wsid
"""
HARMLESS = frozenset(_FIELDS.split())
HARMLESS_OF_ODBC = frozenset(_FIELDS_OF_ODBC.split())
# A secret with its name, in a value.
INSIDE = re.compile(
    r"(?:pass\w*|pwd|secret\w*|(?:access|account)?_?key|token|jwt)\s*=\s*[^\s;&]", re.IGNORECASE
)
_DECODED = 3  # times that a value is decoded at most, to see what it means to somebody


def plain(value: str) -> str:
    """What a value means to whoever decodes it once more than he should."""
    for _ in range(_DECODED):
        value = unquote_plus(value)
    return value


def fields_of_odbc(text: str) -> list[tuple[str, str]]:
    """The fields of a connection string of ODBC, their names as in ``HARMLESS_OF_ODBC``."""
    pairs = [field.partition("=") for field in text.split(";") if field.strip()]
    return [(name.strip().lower().replace(" ", "_"), value) for name, _, value in pairs]
