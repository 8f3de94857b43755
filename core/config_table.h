/*
 * config_table.h: the options. X(ID, key, type, default, min, max, choices, help). Included by
 * config.h and config_value.c with their own X; no include guard on purpose.
 */
X(CONFIG, "config", PATH, "", 0, 0, "", "configuration file (INI)")
X(DATA, "data", PATH, "", 0, 0, "", "data folder; empty: $XDG_DATA_HOME/sky")
X(HTTP, "http", ADDR, "127.0.0.1:8080", 0, 0, "", "plain HTTP listener, or off")
X(HTTPS, "https", ADDR, "127.0.0.1:8443", 0, 0, "", "HTTPS listener, or off")
X(NOD, "nod", INT, "1", 1, 9999999, "", "this node's number")
X(STORE, "store", STR, "sqlite", 0, 0, "",
  "where data lives: sqlite, or postgresql://user@host/database")
X(LOG_LEVEL, "log.level", CHOICE, "info", 0, 0, "error|warn|info|debug", "how much is logged")
X(LOG_FORMAT, "log.format", CHOICE, "text", 0, 0, "text|json", "form of the log lines")
X(LEARN, "learn", PATHS, "", 0, 0, "", "folders learned at every start, separated by ':'")
X(MODEL_PATH, "model.path", PATH, "", 0, 0, "", "chat model (GGUF); empty: the one set-up fetched")
X(MODEL_THREADS, "model.threads", INT, "1", 1, 64, "", "threads that generate")
X(MODEL_CONTEXT, "model.context", INT, "2048", 512, 131072, "",
  "tokens of context a request may use")
X(MODEL_SLOTS, "model.slots", INT, "4", 1, 64, "", "requests generated side by side")
X(MODEL_IDLE, "model.idle", INT, "600", 5, 86400, "",
  "seconds unused after which the model leaves memory")
X(EMBED_PATH, "embed.path", PATH, "", 0, 0, "",
  "embedding model (GGUF) for English; empty: the one set-up fetched")
X(EMBED_MULTI_PATH, "embed.multi-path", PATH, "", 0, 0, "",
  "embedding model (GGUF) for other languages")
X(EMBED_THREADS, "embed.threads", INT, "1", 1, 64, "", "threads that embed documents")
X(GENOM_PATH, "genom.path", PATH, "", 0, 0, "", "dictionary of GENOM; empty: the one set-up made")
X(LEVEL_MAX, "level-max", CHOICE, "L3", 0, 0, "L0|L1|L2|L3",
  "highest level a question may reach; L4 and L5 are not in this version")
X(REGISTRATION, "registration", CHOICE, "invite", 0, 0, "invite|open",
  "who may make an account: with an invitation, or anybody")
X(CORS, "cors", STR, "", 0, 0, "",
  "origins whose pages may call with bearer tokens, separated by spaces")
X(AUDIT_DAYS, "audit.days", INT, "400", 1, 36500, "", "days after which the audit log forgets")
X(CACHE, "cache", BOOL, "true", 0, 0, "", "answer repeated questions from the cache (L0)")
X(BACKUP_EVERY, "backup.every", INT, "0", 0, 8760, "",
  "hours between backups of the store; 0: none")
X(BACKUP_KEEP, "backup.keep", INT, "7", 1, 500, "", "how many of them are kept")
X(BACKUP_DIR, "backup.dir", PATH, "", 0, 0, "",
  "folder they go to; empty: backups, in the data folder")
X(BACKUP_PASSPHRASE_FILE, "backup.passphrase-file", PATH, "", 0, 0, "",
  "file whose first line seals them, keys and configuration included")
