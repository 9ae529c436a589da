"""Everything that the processes of supervised mode need, loaded once before they are forked."""

import gc

import gunicorn.app.base
import gunicorn.workers.gthread
import sqlalchemy.dialects.postgresql.psycopg

import chassis.amqp
import chassis.relay
import chassis.worker
import gateway.app
import gateway.upstream
import guanxi.processes
from guanxi import registry

LOADED = (chassis, gateway, gunicorn, sqlalchemy, guanxi, registry.load_all())

gc.collect()
gc.freeze()  # so that collecting garbage does not copy the pages that the children share
