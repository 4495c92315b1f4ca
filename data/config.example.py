# Settings of this installation. Copy this file to data/config.py; what you leave out has the value shown here.
# The file is Python: a secret may come from the environment, and `save()` never writes over an expression.
# A running job manager obeys a changed file within two seconds; `database`, `logger.path` and `systemUserId` count when
# it starts the next time.

config = {
    # How many jobs run at a time, 4 to 50. More need more memory and processor time; 8 to 12 suit most servers.
    "maxConcurrentWorkers": 6,
    # Seconds that a canceled job has before it is killed.
    "cancelGracePeriod": 10,
    # Whether a running job manager loads changed code and metadata by itself.
    "reloadCode": True,
    # Seconds that running jobs have to end when the job manager is told to stop.
    "shutdownTimeout": 30,
    # An embedded SQLite file, relative to the installation; or a server: docs/databases.md.
    "database": {
        "url": "sqlite:///data/atro.sqlite",  # "postgresql://user:password@localhost/atro", "mariadb://..."
        # FULL: what was committed outlives a power failure. NORMAL is faster and may lose the last moments.
        "synchronous": "FULL",
        # Seconds to wait for a busy database before giving up.
        "lockTimeout": 60,
        # Seconds to wait for a server that went away, where nothing was half done.
        "reconnectTimeout": 30,
    },
    "logger": {
        "path": "data/logs/atro.log",
        "level": "WARNING",  # DEBUG, INFO, WARNING, ERROR or CRITICAL
        "jobLevel": "DEBUG",  # of what a job logs to its own log
        "maxFileNumber": 30,
        "maxFileSizeMiB": 10,
    },
    "language": "en_US",
    "fallbackLanguage": None,  # asked where `language` has no text, before en_US is
    # Emails are sent through this server, where there is one. A server that nobody of note has signed the certificate
    # of needs SSL_CERT_FILE in the environment.
    # "smtp": {
    #     "host": "mail.example.com",
    #     "security": "starttls",  # "ssl", or "" for none; the port follows from it, or is named by "port"
    #     "user": "shop",
    #     "password": os.environ["SMTP_PASSWORD"],  # takes an `import os` at the top
    #     "fromAddress": "shop@example.com",
    #     "fromName": "The shop",
    #     "timeoutSeconds": 30,
    #     "connections": {"news": {"host": "news.example.com"}},  # further servers, each with the same settings
    # },
    # For `python console.py serve`: how long a session lasts; after how many seconds the database stops what a request asks
    # of it (0: never); and the address by which browsers know the server, where a proxy stands before it
    # ("https://jobs.example.org").
    "web": {"sessionHours": 12, "queryTimeout": 5, "url": None},
    # Whose days "today" and "last month" are; moments are stored in UTC whatever stands here.
    "timeZone": "UTC",
    # This machine's name among those that share a database server; the host's name where it is empty.
    "nodeName": "",
    # Who did what no person did.
    "systemUserId": "system",
}
