"""Calls a function of the order lock's schema in the database, as REC.IO's own role."""
from rec_hook import settings


def call(statement, values):
    """The first value of one committed statement. Raises whatever keeps the database from answering within five seconds."""
    import psycopg2
    connection = psycopg2.connect(
        dbname=settings.value("REC_DB_NAME"), connect_timeout=5, options="-c statement_timeout=5000 -c lock_timeout=5000"
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            answer = cursor.fetchone()[0]
        connection.commit()
    finally:
        connection.close()
    return answer
