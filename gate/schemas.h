/*
 * schemas.h: JSON Schemas of the bodies, for
 * /openapi.json. Text only; the checking is the handlers'.
 */
#ifndef GATE_SCHEMAS_H
#define GATE_SCHEMAS_H

#define S_STR "{\"type\":\"string\"}"
#define S_INT "{\"type\":\"integer\"}"
#define S_NUM "{\"type\":\"number\"}"
#define S_BOOL "{\"type\":\"boolean\"}"
#define S_INT_NULL "{\"type\":[\"integer\",\"null\"]}"
#define S_TIME "{\"type\":\"string\",\"format\":\"date-time\"}"
#define S_NEXT "{\"type\":[\"string\",\"null\"],\"description\":\"cursor of the next page\"}"
#define S_OBJECT(properties) "{\"type\":\"object\",\"properties\":{" properties "}}"
#define S_NEEDS(required, properties)                                                              \
    "{\"type\":\"object\",\"required\":[" required "],\"properties\":{" properties "}}"
#define S_LIST(items) "{\"type\":\"array\",\"items\":" items "}"

#define SCHEMA_HEALTH S_NEEDS("\"status\"", "\"status\":{\"enum\":[\"ok\",\"degraded\"]}")
#define SCHEMA_CHECKS                                                                              \
    S_OBJECT(                                                                                      \
        "\"checks\":" S_LIST(S_OBJECT("\"check\":" S_STR ",\"ok\":" S_BOOL ",\"detail\":" S_STR)))
#define SCHEMA_WELLKNOWN                                                                           \
    S_OBJECT("\"product\":" S_STR ",\"version\":" S_STR ",\"nod\":" S_INT                          \
             ",\"registration\":{\"enum\":[\"invite\",\"open\"]}"                                  \
             ",\"keys\":" S_OBJECT("\"ed25519\":" S_STR ",\"certificate_sha256\":" S_STR))
#define SCHEMA_ACCOUNT                                                                             \
    S_OBJECT("\"id\":" S_STR ",\"email\":" S_STR ",\"name\":" S_STR ",\"role\":" S_STR             \
             ",\"tier\":" S_STR ",\"agent\":" S_BOOL)
#define SCHEMA_ACCOUNT_CHANGE S_OBJECT("\"name\":" S_STR ",\"email\":" S_STR)
#define SCHEMA_TOKENS                                                                              \
    S_OBJECT("\"user\":" SCHEMA_ACCOUNT ",\"access_token\":" S_STR ",\"refresh_token\":" S_STR     \
             ",\"expires_in\":" S_INT)
#define SCHEMA_REGISTER                                                                            \
    S_NEEDS("\"email\",\"password\"", "\"email\":" S_STR ",\"password\":" S_STR ",\"name\":" S_STR \
                                      ",\"invite\":" S_STR ",\"session\":" S_BOOL)
#define SCHEMA_LOGIN                                                                               \
    S_NEEDS("\"email\",\"password\"",                                                              \
            "\"email\":" S_STR ",\"password\":" S_STR ",\"totp\":" S_STR ",\"session\":" S_BOOL)
#define SCHEMA_REFRESH S_NEEDS("\"refresh_token\"", "\"refresh_token\":" S_STR)
#define SCHEMA_INVITE S_OBJECT("\"role\":{\"enum\":[\"admin\",\"member\",\"guest\",\"agent\"]}")
#define SCHEMA_INVITED S_OBJECT("\"invite\":" S_STR ",\"role\":" S_STR ",\"expires_in\":" S_INT)
#define SCHEMA_LOGINS                                                                              \
    S_OBJECT("\"sessions\":" S_LIST(S_OBJECT(                                                      \
        "\"id\":" S_STR ",\"agent\":" S_STR ",\"address\":" S_STR ",\"created_at\":" S_TIME        \
        ",\"used_at\":" S_TIME ",\"current\":" S_BOOL)) ",\"next\":" S_NEXT)
#define SCHEMA_PASSWORD                                                                            \
    S_NEEDS("\"password\",\"new_password\"", "\"password\":" S_STR ",\"new_password\":" S_STR)
#define S_PERSON                                                                                   \
    "\"id\":" S_STR ",\"email\":" S_STR ",\"name\":" S_STR ",\"role\":" S_STR ",\"tier\":" S_STR   \
    ",\"agent\":" S_BOOL ",\"created_at\":" S_TIME ",\"last_used_at\":"                            \
    "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},\"disabled\":" S_BOOL               \
    ",\"totp\":" S_BOOL
#define SCHEMA_PERSON S_OBJECT(S_PERSON)
#define SCHEMA_PEOPLE S_OBJECT("\"people\":" S_LIST(SCHEMA_PERSON) ",\"next\":" S_NEXT)
#define SCHEMA_PERSON_CHANGE                                                                       \
    S_OBJECT("\"role\":{\"enum\":[\"admin\",\"member\",\"guest\",\"agent\"]},\"tier\":" S_STR      \
             ",\"disabled\":" S_BOOL ",\"name\":" S_STR)
#define SCHEMA_RESET S_NEEDS("\"token\",\"password\"", "\"token\":" S_STR ",\"password\":" S_STR)
#define SCHEMA_LEAVE S_NEEDS("\"password\"", "\"password\":" S_STR ",\"totp\":" S_STR)
#define SCHEMA_EXPORT                                                                              \
    S_OBJECT("\"account\":{},\"logins\":" S_LIST("{}") ",\"keys\":" S_LIST(                        \
        "{}") ",\"conversations\":" S_LIST("{}") ",\"telemetry\":" S_LIST("{}"))
#define SCHEMA_INVITES                                                                             \
    S_OBJECT(                                                                                      \
        "\"invites\":" S_LIST(S_OBJECT("\"id\":" S_STR ",\"role\":" S_STR ",\"created_by\":" S_STR \
                                       ",\"created_at\":" S_TIME ",\"expires_at\":" S_TIME)))
#define SCHEMA_STEP_UP S_OBJECT("\"totp\":" S_STR ",\"password\":" S_STR)
#define SCHEMA_TOTP S_OBJECT("\"secret\":" S_STR ",\"uri\":" S_STR)
#define SCHEMA_TOTP_CODE S_NEEDS("\"totp\"", "\"totp\":" S_STR)
#define SCHEMA_TOTP_CODES S_OBJECT("\"recovery_codes\":" S_LIST(S_STR))
#define SCHEMA_AUDIT                                                                               \
    S_NEEDS(                                                                                       \
        "\"audit\",\"next\"",                                                                      \
        "\"audit\":" S_LIST(S_NEEDS(                                                               \
            "\"seq\",\"at\",\"act\",\"outcome\",\"actor\",\"object\",\"detail\"",                  \
            "\"seq\":" S_INT ",\"at\":" S_TIME ",\"act\":" S_STR ",\"outcome\":" S_STR             \
            ",\"actor\":" S_OBJECT(                                                                \
                "\"id\":" S_STR ",\"name\":" S_STR ",\"login\":" S_STR ",\"key\":" S_STR           \
                ",\"address\":" S_STR                                                              \
                ",\"request\":" S_STR) ",\"object\":" S_STR                                        \
                                       ",\"detail\":{\"type\":\"object\"}")) ",\"next\":" S_NEXT)
#define SCHEMA_AUDIT_REPORT                                                                        \
    S_NEEDS("\"ok\",\"rows\",\"first\",\"last\",\"head\",\"bad\",\"what\"",                        \
            "\"ok\":" S_BOOL ",\"rows\":" S_INT ",\"first\":" S_INT ",\"last\":" S_INT             \
            ",\"head\":{\"type\":[\"string\",\"null\"]},\"bad\":{\"type\":[\"integer\",\"null\"]}" \
            ",\"what\":{\"type\":[\"string\",\"null\"]}")
#define SCHEMA_AUDIT_ADD S_NEEDS("\"act\"", "\"act\":{\"enum\":[\"token.printed\"]},\"uid\":" S_INT)
#define SCHEMA_SESSION_NEW S_NEEDS("\"token\"", "\"token\":" S_STR)
#define SCHEMA_SESSION                                                                             \
    S_OBJECT("\"id\":" S_STR ",\"email\":" S_STR ",\"name\":" S_STR ",\"role\":" S_STR             \
             ",\"tier\":" S_STR ",\"agent\":" S_BOOL ",\"totp\":" S_BOOL                           \
             ",\"totp_required\":" S_BOOL ",\"account\":" S_BOOL)
#define SCHEMA_CODE S_OBJECT("\"path\":" S_STR ",\"expires_in\":" S_INT)
#define SCHEMA_STATUS                                                                              \
    S_OBJECT("\"version\":" S_STR ",\"nod\":" S_INT ",\"uptime_s\":" S_INT ",\"degraded\":" S_BOOL \
             ",\"levels\":" S_LIST(S_STR) ",\"store\":" S_STR ",\"knowledge\":" S_OBJECT(          \
                 "\"documents\":" S_INT ",\"chunks\":" S_INT                                       \
                 ",\"vectors\":" S_INT) ",\"learning\":" S_OBJECT("\"active\":" S_BOOL             \
                                                                  ",\"vectors_pending\":" S_INT    \
                                                                  ",\"second_pending\":" S_INT     \
                                                                  ",\"rate_s\":" S_NUM             \
                                                                  ",\"eta_s\":" S_NUM))
#define SCHEMA_NODES                                                                               \
    S_OBJECT("\"nodes\":" S_LIST(S_OBJECT(                                                         \
        "\"id\":" S_STR ",\"nod\":" S_INT ",\"class\":{\"enum\":[\"S\",\"D\",\"M\"]}"              \
        ",\"role\":" S_STR ",\"multiplier\":" S_NUM ",\"state\":" S_STR ",\"started_at\":" S_TIME  \
        ",\"uptime_s\":" S_INT ",\"host\":" S_STR ",\"cores\":" S_INT ",\"memory_bytes\":" S_INT   \
        ",\"version\":" S_STR)) ",\"next\":" S_NEXT)

#define SCHEMA_CHAT                                                                                \
    S_NEEDS("\"message\"",                                                                         \
            "\"message\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":16384}"                \
            ",\"conversation_id\":" S_STR ",\"retry_of\":" S_STR ",\"stream\":" S_BOOL             \
            ",\"level_max\":{\"enum\":[\"L0\",\"L1\",\"L2\",\"L3\",\"L4\",\"L5\"]}")
#define SCHEMA_SOURCE                                                                              \
    S_OBJECT("\"document\":" S_STR ",\"document_id\":" S_STR ",\"title\":" S_STR                   \
             ",\"location\":" S_STR                                                                \
             ",\"quote\":{\"type\":\"string\",\"maxLength\":400},\"start\":" S_INT                 \
             ",\"end\":" S_INT ",\"score\":" S_NUM)
#define S_READ_AS S_LIST(S_OBJECT("\"typed\":" S_STR ",\"as\":" S_STR))
#define SCHEMA_RECEIPT                                                                             \
    S_OBJECT("\"level\":" S_STR ",\"brand\":" S_STR ",\"why_stopped\":" S_STR                      \
             ",\"tokens_in\":" S_INT ",\"tokens_out\":" S_INT ",\"cost_microusd\":" S_INT          \
             ",\"latency_ms\":" S_INT ",\"first_token_ms\":" S_INT ",\"cached\":" S_BOOL           \
             ",\"node\":" S_STR ",\"sources\":" S_LIST(SCHEMA_SOURCE) ",\"skipped\":" S_OBJECT(    \
                 "\"level\":" S_STR ",\"detail\":" S_STR ",\"budget\":" S_STR ",\"unit\":" S_STR   \
                 ",\"period\":" S_STR ",\"limit\":" S_INT ",\"spent\":" S_INT                      \
                 ",\"resets_at\":" S_TIME) ",\"read_as\":" S_READ_AS)
#define SCHEMA_ANSWER                                                                              \
    S_OBJECT("\"conversation_id\":" S_STR ",\"message_id\":" S_STR ",\"answer\":" S_STR            \
             ",\"answered\":" S_BOOL ",\"kept\":" S_BOOL ",\"receipt\":" SCHEMA_RECEIPT)
#define SCHEMA_VOTE                                                                                \
    S_NEEDS("\"message_id\",\"vote\"",                                                             \
            "\"message_id\":" S_STR ",\"vote\":{\"type\":\"integer\",\"enum\":[-1,0,1]}")
#define SCHEMA_CONVERSATION                                                                        \
    S_OBJECT("\"id\":" S_STR ",\"title\":" S_STR ",\"created_at\":" S_TIME                         \
             ",\"updated_at\":" S_TIME ",\"messages\":" S_INT)
#define SCHEMA_MESSAGE                                                                             \
    S_OBJECT("\"id\":" S_STR ",\"role\":{\"enum\":[\"user\",\"assistant\"]},\"text\":" S_STR       \
             ",\"created_at\":" S_TIME ",\"answered\":" S_BOOL ",\"receipt\":" SCHEMA_RECEIPT      \
             ",\"vote\":" S_INT)
#define SCHEMA_HISTORY                                                                                    \
    "{\"oneOf\":[" S_NEEDS(                                                                               \
        "\"conversations\"",                                                                              \
        "\"conversations\":" S_LIST(                                                                      \
            SCHEMA_CONVERSATION) ",\"next\":" S_NEXT) "," S_NEEDS("\"messages\"",                         \
                                                                  "\"conversation\":" SCHEMA_CONVERSATION \
                                                                  ",\"messages\":" S_LIST(                \
                                                                      SCHEMA_MESSAGE) ",\"next\":" S_NEXT) "]}"
#define SCHEMA_TITLE                                                                               \
    S_NEEDS("\"title\"", "\"title\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":512}")

#define SCHEMA_RESULTS                                                                             \
    S_OBJECT("\"results\":" S_LIST(                                                                \
        S_OBJECT("\"document\":" S_STR ",\"document_id\":" S_STR ",\"title\":" S_STR               \
                 ",\"location\":" S_STR ",\"score\":" S_NUM ",\"text\":" S_STR ",\"start\":" S_INT \
                 ",\"end\":" S_INT)) ",\"read_as\":" S_READ_AS)
#define S_DOCUMENT_MEMBERS                                                                         \
    "\"id\":" S_STR ",\"source\":" S_STR ",\"document\":" S_STR ",\"title\":" S_STR                \
    ",\"mime\":" S_STR ",\"bytes\":" S_INT ",\"chunks\":" S_INT ",\"vectors\":" S_INT              \
    ",\"learned_at\":" S_TIME
#define SCHEMA_DOCUMENTS                                                                           \
    S_OBJECT("\"documents\":" S_LIST(S_OBJECT(S_DOCUMENT_MEMBERS)) ",\"next\":" S_NEXT)
#define SCHEMA_DOCUMENT                                                                            \
    S_OBJECT(S_DOCUMENT_MEMBERS ",\"text\":" S_STR ",\"headings\":" S_LIST(                        \
        S_OBJECT("\"start\":" S_INT ",\"level\":" S_INT ",\"text\":" S_STR)))
#define SCHEMA_LEARN                                                                               \
    S_NEEDS("\"paths\"",                                                                           \
            "\"paths\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":256,\"items\":"             \
            "{\"type\":\"string\",\"pattern\":\"^/\"}}")
#define SCHEMA_JOB_STARTED S_OBJECT("\"job_id\":" S_STR)
#define SCHEMA_JOB                                                                                 \
    S_OBJECT(                                                                                      \
        "\"id\":" S_STR ",\"what\":" S_STR ",\"whats\":" S_INT ",\"forgets\":" S_BOOL              \
        ",\"begun_at\":" S_TIME                                                                    \
        ",\"state\":{\"enum\":[\"running\",\"done\",\"failed\",\"cancelled\"]},\"phase\":" S_STR   \
        ",\"waiting\":" S_STR ",\"files_total\":" S_INT ",\"files_done\":" S_INT                   \
        ",\"added\":" S_INT ",\"updated\":" S_INT ",\"unchanged\":" S_INT ",\"removed\":" S_INT    \
        ",\"duplicates\":" S_INT ",\"failed\":" S_INT ",\"skipped\":" S_INT                        \
        ",\"bytes_done\":" S_INT ",\"rate_files_s\":" S_NUM ",\"eta_s\":" S_NUM                    \
        ",\"errors\":" S_LIST(S_OBJECT("\"document\":" S_STR ",\"error\":" S_STR)))

/* --- GENOM: a text is "text" or "bytes" (base64),
 * a coded one "genom_message" or "binary" (base64) */
#define S_GENOM_IN "\"text\":" S_STR ",\"bytes\":" S_STR
#define S_GENOM_CODED "\"genom_message\":" S_STR ",\"binary\":" S_STR
#define S_GENOM_HOW                                                                                        \
    ",\"mode\":{\"enum\":[\"fast\",\"dense\"]},\"to\":{\"type\":\"string\",\"pattern\":\"^(\\\\*|NOD[1-9]" \
    "[0-9]{0,6})$\"}"
#define S_GENOM_ITEMS(item)                                                                        \
    "\"items\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":1000,\"items\":" item "}"
#define SCHEMA_GENOM_ENCODE S_OBJECT(S_GENOM_IN S_GENOM_HOW)
#define SCHEMA_GENOM_ENCODE_BATCH                                                                  \
    S_NEEDS("\"items\"", S_GENOM_ITEMS(S_OBJECT(S_GENOM_IN)) S_GENOM_HOW)
#define SCHEMA_GENOM_DECODE S_OBJECT(S_GENOM_CODED)
#define SCHEMA_GENOM_DECODE_BATCH S_NEEDS("\"items\"", S_GENOM_ITEMS(S_OBJECT(S_GENOM_CODED)))
#define SCHEMA_GENOM_TEXT S_OBJECT(S_GENOM_IN)
#define SCHEMA_GENOM_TEXT_BATCH S_OBJECT("\"results\":" S_LIST(SCHEMA_GENOM_TEXT))
#define S_GENOM_TOKEN                                                                              \
    "\"token_id\":" S_STR ",\"hex\":" S_STR ",\"canonical\":" S_STR ",\"sector\":" S_STR           \
    ",\"quadrant\":" S_INT ",\"r\":" S_NUM ",\"theta\":" S_NUM ",\"phase\":" S_INT                 \
    ",\"inferred\":" S_BOOL
#define SCHEMA_GENOM_TOKEN S_OBJECT(S_GENOM_TOKEN)
#define SCHEMA_GENOM_INTENT_OF S_NEEDS("\"text\"", "\"text\":" S_STR)
#define SCHEMA_GENOM_INTENT                                                                        \
    S_OBJECT("\"symbol\":" S_STR ",\"name\":" S_STR ",\"confidence\":" S_NUM)
#define SCHEMA_GENOM_ENCODED                                                                       \
    S_OBJECT(S_GENOM_CODED ",\"intent\":" SCHEMA_GENOM_INTENT ",\"tokens\":" S_LIST(               \
        SCHEMA_GENOM_TOKEN) ",\"token_count\":" S_INT ",\"tokens_cut\":" S_BOOL                    \
                            ",\"compression_ratio\":" S_NUM ",\"mode\":" S_STR                     \
                            ",\"input_bytes\":" S_INT ",\"binary_bytes\":" S_INT)
#define SCHEMA_GENOM_ENCODED_BATCH S_OBJECT("\"results\":" S_LIST(SCHEMA_GENOM_ENCODED))
#define S_GENOM_FORM                                                                               \
    "{\"enum\":[\"text\",\"tokens\",\"ids\",\"hex\",\"phases\",\"binary\",\"message\"]}"
#define SCHEMA_GENOM_TRANSLATE                                                                     \
    S_NEEDS("\"from\",\"to\",\"value\"",                                                           \
            "\"from\":" S_GENOM_FORM ",\"to\":" S_GENOM_FORM ",\"value\":{}")
#define SCHEMA_GENOM_TRANSLATED S_OBJECT("\"value\":{}")
#define SCHEMA_GENOM_TOKENS S_OBJECT("\"tokens\":" S_LIST(SCHEMA_GENOM_TOKEN) ",\"next\":" S_NEXT)
#define SCHEMA_GENOM_NEAREST                                                                       \
    S_OBJECT("\"token\":" SCHEMA_GENOM_TOKEN ",\"centroid\":" S_OBJECT(                            \
        "\"sector\":" S_STR ",\"r\":" S_NUM ",\"theta\":" S_NUM                                    \
        ",\"token_count\":" S_INT) ",\"by\":" S_STR                                                \
                                   ",\"results\":" S_LIST(S_OBJECT(S_GENOM_TOKEN                   \
                                                                   ",\"similarity\":" S_NUM        \
                                                                   ",\"distance\":" S_NUM)))
#define SCHEMA_GENOM_SECTORS                                                                       \
    S_OBJECT("\"sectors\":" S_LIST(S_OBJECT("\"name\":" S_STR ",\"quadrant\":" S_INT               \
                                            ",\"tokens\":" S_INT ",\"theta_from\":" S_NUM          \
                                            ",\"theta_to\":" S_NUM)))
#define SCHEMA_GENOM_DICTIONARY                                                                    \
    S_OBJECT("\"id\":" S_STR ",\"version\":" S_INT ",\"tokens\":" S_INT ",\"bytes\":" S_INT        \
             ",\"sectors\":" S_INT ",\"languages\":" S_LIST(S_STR) ",\"licence\":" S_STR)
#define SCHEMA_GENOM_STATS                                                                         \
    S_OBJECT("\"encoded\":" S_INT ",\"decoded\":" S_INT ",\"input_bytes\":" S_INT                  \
             ",\"binary_bytes\":" S_INT ",\"compression_ratio\":" S_NUM)
#define SCHEMA_GENOM_HANDSHAKE                                                                     \
    S_NEEDS("\"kem\",\"public_key\"", "\"kem\":{\"enum\":[\"x-wing\"]},\"public_key\":" S_STR)
#define SCHEMA_GENOM_SESSION                                                                       \
    S_OBJECT("\"session_id\":" S_STR ",\"ciphertext\":" S_STR ",\"identity\":" S_STR               \
             ",\"signature\":" S_STR ",\"expires_in\":" S_INT)
#define SCHEMA_GENOM_ENCRYPT                                                                       \
    S_NEEDS("\"session_id\"", "\"session_id\":" S_STR "," S_GENOM_IN                               \
                              ",\"form\":{\"enum\":[\"payload\",\"tokens\"]}")
#define SCHEMA_GENOM_SEALED S_OBJECT("\"sealed\":" S_STR ",\"counter\":" S_INT)
#define SCHEMA_GENOM_DECRYPT                                                                       \
    S_NEEDS("\"session_id\",\"sealed\"", "\"session_id\":" S_STR ",\"sealed\":" S_STR)
#define SCHEMA_GENOM_HEALTH S_OBJECT("\"status\":" S_STR ",\"dictionary\":" S_STR)

#define S_PROVIDER_MODEL(required)                                                                 \
    S_NEEDS(required, "\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":127}"           \
                      ",\"level\":{\"enum\":[\"L3\"]}"                                             \
                      ",\"price_in\":" S_INT ",\"price_out\":" S_INT ",\"context\":" S_INT         \
                      ",\"output_max\":" S_INT)
#define S_PROVIDER_MEMBERS                                                                         \
    "\"name\":{\"type\":\"string\",\"maxLength\":63}"                                              \
    ",\"base_url\":{\"type\":\"string\",\"maxLength\":511}"                                        \
    ",\"key\":{\"type\":\"string\",\"maxLength\":1023,\"description\":\"env:NAME or file:/path\"}" \
    ",\"rank\":" S_INT ",\"enabled\":" S_BOOL ",\"timeout_first_ms\":" S_INT                       \
    ",\"timeout_ms\":" S_INT ",\"calls_max\":" S_INT ",\"stop_tokens\":" S_INT_NULL
#define S_PROVIDER_MODELS                                                                          \
    ",\"models\":" S_LIST(S_PROVIDER_MODEL("\"name\",\"price_in\",\"price_out\""))
#define SCHEMA_PROVIDER_NEW                                                                        \
    S_NEEDS("\"name\",\"base_url\",\"models\"", S_PROVIDER_MEMBERS S_PROVIDER_MODELS)
#define SCHEMA_PROVIDER_CHANGE S_OBJECT(S_PROVIDER_MEMBERS S_PROVIDER_MODELS)
#define SCHEMA_PROVIDER                                                                            \
    S_OBJECT("\"id\":" S_STR "," S_PROVIDER_MEMBERS S_PROVIDER_MODELS                              \
             ",\"key_problem\":{\"type\":[\"string\",\"null\"]}"                                   \
             ",\"state\":{\"enum\":[\"closed\",\"open\",\"half-open\",\"off\"]}")
#define SCHEMA_PROVIDERS S_OBJECT("\"providers\":" S_LIST(SCHEMA_PROVIDER))
#define SCHEMA_PROVIDER_TEST                                                                       \
    S_OBJECT("\"ok\":" S_BOOL ",\"error\":{\"type\":[\"string\",\"null\"]},\"http_status\":" S_INT \
             ",\"latency_ms\":" S_INT ",\"tokens_in\":" S_INT ",\"tokens_out\":" S_INT             \
             ",\"cost_microusd\":" S_INT)

#define SCHEMA_OPENAI_CHAT                                                                         \
    S_NEEDS("\"model\",\"messages\"",                                                              \
            "\"model\":" S_STR ",\"messages\":" S_LIST(S_NEEDS(                                    \
                "\"role\",\"content\"",                                                            \
                "\"role\":" S_STR                                                                  \
                ",\"content\":{}")) ",\"stream\":" S_BOOL ",\"max_tokens\":" S_INT                 \
                                    ",\"max_completion_tokens\":" S_INT ",\"temperature\":" S_NUM  \
                                    ",\"top_p\":" S_NUM ",\"seed\":" S_INT ",\"stop\":{}")
#define SCHEMA_OPENAI_EMBED                                                                        \
    S_NEEDS("\"model\",\"input\"",                                                                 \
            "\"model\":" S_STR                                                                     \
            ",\"input\":{},\"encoding_format\":{\"enum\":[\"float\",\"base64\"]}"                  \
            ",\"dimensions\":" S_INT)

/* --- API keys ------------------------------------------------------------------------------- */
#define S_SCOPES                                                                                                    \
    "{\"type\":\"array\",\"minItems\":1,\"items\":{\"enum\":[\"chat\",\"embed\",\"genom\",\"knowledge\",\"learn\"," \
    "\"admin\"]}}"
#define S_LIMIT "{\"type\":[\"integer\",\"null\"]}"
#define S_TIME_OR_NULL "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}"
#define S_KEY                                                                                      \
    "\"id\":" S_STR ",\"account\":" S_STR ",\"name\":" S_STR ",\"scopes\":" S_SCOPES               \
    ",\"per_minute\":" S_LIMIT ",\"created_at\":" S_TIME ",\"expires_at\":" S_TIME_OR_NULL         \
    ",\"used_at\":" S_TIME_OR_NULL
#define SCHEMA_KEYS S_OBJECT("\"keys\":" S_LIST(S_OBJECT(S_KEY)) ",\"next\":" S_NEXT)
#define S_KEY_FORM                                                                                 \
    "\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":128},\"scopes\":" S_SCOPES        \
    ",\"expires_in\":" S_LIMIT ",\"per_minute\":" S_LIMIT
#define SCHEMA_KEY_FORM S_NEEDS("\"name\",\"scopes\"", S_KEY_FORM)
#define SCHEMA_KEY_CHANGE S_OBJECT(S_KEY_FORM)
#define SCHEMA_KEY_NEW S_OBJECT("\"id\":" S_STR ",\"key\":" S_STR)

/* --- What may be spent ------------------------------------------------------------------------ */
#define SCHEMA_ID S_OBJECT("\"id\":" S_STR)
#define S_LEVEL "{\"enum\":[\"L0\",\"L1\",\"L2\",\"L3\",\"L4\",\"L5\"]}"
#define S_AMOUNT "{\"type\":\"integer\",\"minimum\":0,\"maximum\":1125899906842624}"
#define S_NAME "{\"type\":\"string\",\"minLength\":1,\"maxLength\":128}"
#define S_BUDGET_OF                                                                                      \
    "\"name\":" S_NAME                                                                                   \
    ",\"kind\":{\"enum\":[\"all\",\"account\",\"key\",\"team\"]},\"subject\":" S_STR                     \
    ",\"level\":{\"enum\":[\"L0\",\"L1\",\"L2\",\"L3\",\"L4\",\"L5\",null]}"                             \
    ",\"unit\":{\"enum\":[\"money\",\"tokens\",\"requests\"]},\"period\":{\"enum\":[\"day\",\"month\"]}" \
    ",\"limit\":" S_AMOUNT
#define S_BUDGETS                                                                                  \
    "\"budgets\":" S_LIST(S_OBJECT("\"id\":" S_STR "," S_BUDGET_OF ",\"spent\":" S_INT             \
                                   ",\"reserved\":" S_INT ",\"resets_at\":" S_TIME                 \
                                   ",\"created_at\":" S_TIME)) ",\"next\":" S_NEXT
#define SCHEMA_BUDGETS S_OBJECT(S_BUDGETS)
#define SCHEMA_BUDGET_FORM S_NEEDS("\"name\",\"unit\",\"period\",\"limit\"", S_BUDGET_OF)
#define SCHEMA_BUDGET_CHANGE S_OBJECT("\"name\":" S_NAME ",\"limit\":" S_AMOUNT)
#define S_TIER                                                                                     \
    "\"level_max\":" S_LEVEL ",\"ask_per_minute\":" S_LIMIT ",\"read_per_minute\":" S_LIMIT        \
    ",\"write_per_minute\":" S_LIMIT ",\"tokens_per_day\":" S_LIMIT                                \
    ",\"microusd_per_month\":" S_LIMIT ",\"keys\":" S_LIMIT ",\"body_bytes\":" S_LIMIT
#define SCHEMA_TIERS                                                                               \
    S_OBJECT("\"tiers\":" S_LIST(S_OBJECT("\"name\":" S_STR "," S_TIER)) ",\"next\":" S_NEXT)
#define SCHEMA_OWN_BUDGETS                                                                         \
    S_OBJECT(S_BUDGETS ",\"tier\":" S_OBJECT(                                                      \
        "\"name\":" S_STR "," S_TIER ",\"tokens_used\":" S_INT ",\"microusd_used\":" S_INT         \
        ",\"day_resets_at\":" S_TIME ",\"month_resets_at\":" S_TIME))
#define SCHEMA_TIER_FORM S_NEEDS("\"level_max\"", S_TIER)
#define SCHEMA_TEAMS                                                                               \
    S_OBJECT(                                                                                      \
        "\"teams\":" S_LIST(S_OBJECT("\"id\":" S_STR ",\"name\":" S_STR ",\"accounts\":" S_INT     \
                                     ",\"created_at\":" S_TIME)) ",\"next\":" S_NEXT)
#define SCHEMA_TEAM_MEMBERS                                                                        \
    S_OBJECT("\"accounts\":" S_LIST(                                                               \
        S_OBJECT("\"id\":" S_STR ",\"email\":" S_STR ",\"name\":" S_STR)) ",\"next\":" S_NEXT)
#define SCHEMA_TEAM_FORM S_NEEDS("\"name\"", "\"name\":" S_NAME)
#define S_KNOWLEDGE                                                                                \
    "\"knowledge\":" S_OBJECT(                                                                     \
        "\"documents\":" S_INT ",\"chunks\":" S_INT                                                \
        ",\"vectors\":" S_INT) ",\"learning\":" S_OBJECT("\"active\":" S_BOOL                      \
                                                         ",\"vectors_pending\":" S_INT             \
                                                         ",\"second_pending\":" S_INT              \
                                                         ",\"rate_s\":" S_NUM ",\"eta_s\":" S_NUM)
#define SCHEMA_ADMIN_NOW                                                                                                                     \
    S_OBJECT("\"at\":" S_TIME ",\"store\":" S_STR ",\"http\":" S_OBJECT(                                                                     \
        "\"requests_s\":" S_NUM ",\"errors_s\":" S_NUM ",\"in_flight\":" S_INT                                                               \
        ",\"connections\":" S_INT ",\"requests\":" S_OBJECT(                                                                                 \
            "\"2xx\":" S_INT ",\"3xx\":" S_INT ",\"4xx\":" S_INT                                                                             \
            ",\"5xx\":" S_INT)) ",\"levels\":" S_LIST(S_OBJECT("\"level\":" S_STR                                                            \
                                                               ",\"answers\":" S_INT                                                         \
                                                               ",\"answers_minute\":" S_INT                                                  \
                                                               ",\"p50_ms\":" S_INT_NULL                                                     \
                                                               ",\"p95_ms\":" S_INT_NULL)) ",\"process\":" S_OBJECT("\"cpu_percent\":" S_NUM \
                                                                                                                    ",\"cpu_s\":" S_NUM      \
                                                                                                                    ",\"memory_bytes\":" S_INT) "," S_KNOWLEDGE)

#define SCHEMA_ADMIN_OVERVIEW                                                                                                                                                                                                                                                                                                                                                                       \
    S_OBJECT("\"range\":{\"enum\":[\"1h\",\"24h\",\"7d\",\"30d\"]},\"step_s\":" S_INT                                                                                                                                                                                                                                                                                                               \
             ",\"times\":" S_LIST(S_INT) ",\"levels\":" S_LIST(S_OBJECT(                                                                                                                                                                                                                                                                                                                            \
                 "\"level\":" S_STR ",\"total\":" S_INT ",\"total_p50_ms\":" S_INT_NULL                                                                                                                                                                                                                                                                                                             \
                 ",\"total_p95_ms\":" S_INT_NULL                                                                                                                                                                                                                                                                                                                                                    \
                 ",\"answers\":" S_LIST(S_INT) ",\"p50_ms\":" S_LIST(S_INT_NULL) ",\"p95_ms\":" S_LIST(                                                                                                                                                                                                                                                                                             \
                     S_INT_NULL))) ",\"refused\":" S_LIST(S_INT) ",\"failed\":" S_LIST(S_INT) ",\"cancelled\":" S_LIST(S_INT) ",\"tokens_in\":" S_LIST(S_INT) ",\"tokens_out\":" S_LIST(S_INT) ",\"cost_microusd\":" S_LIST(S_INT) ",\"totals\":" S_OBJECT("\"answers\":" S_INT ",\"refused\":" S_INT ",\"failed\":" S_INT ",\"cancelled\":" S_INT ",\"tokens_in\":" S_INT ",\"tokens_out\":" S_INT \
                                                                                                                                                                                                                                                           ",\"cost_microusd\":" S_INT) ",\"http\":" S_OBJECT("\"times\":" S_LIST(S_INT) ",\"2xx\":" S_LIST(S_NUM) ",\"3xx\":" S_LIST(S_NUM) ",\"4xx\":" S_LIST(S_NUM) ",\"5xx\":" S_LIST(S_NUM) ",\"connections\":" S_LIST(S_INT) ",\"memory_bytes\":" S_LIST(S_INT) ",\"cpu_percent\":" S_LIST(S_NUM)))
/* --- Administration --------------------------------------------------------------------------- */
#define SCHEMA_CSV "{\"type\":\"string\",\"contentMediaType\":\"text/csv\"}"
#define SCHEMA_ADMIN_CONFIG                                                                        \
    S_OBJECT("\"options\":" S_LIST(S_OBJECT(                                                       \
        "\"key\":" S_STR ",\"value\":" S_STR ",\"source\":{\"enum\":[\"default\",\"file\","        \
        "\"environment\",\"flag\"]},\"origin\":" S_STR ",\"default\":" S_STR ",\"about\":" S_STR   \
        ",\"after_restart\":" S_STR)))
#define SCHEMA_ADMIN_LOGS                                                                          \
    S_OBJECT("\"lines\":" S_LIST(                                                                  \
        S_OBJECT("\"number\":" S_INT ",\"at\":" S_TIME                                             \
                 ",\"level\":{\"enum\":[\"error\",\"warn\",\"info\",\"debug\"]},\"event\":" S_STR  \
                 ",\"text\":" S_STR)) ",\"next\":" S_INT)
#define S_DAY "{\"type\":\"string\",\"maxLength\":10}"
#define S_SPRINT_IN                                                                                \
    "\"name\":" S_STR ",\"goal\":" S_STR ",\"starts_on\":" S_DAY ",\"ends_on\":" S_DAY
#define S_ITEM_IN                                                                                  \
    "\"title\":" S_STR                                                                             \
    ",\"status\":{\"enum\":[\"planned\",\"doing\",\"done\",\"dropped\"]},\"assignee\":" S_STR      \
    ",\"starts_on\":" S_DAY ",\"ends_on\":" S_DAY
#define S_VERSION "\"version\":" S_INT
#define SCHEMA_ADMIN_SPRINT_NEW S_NEEDS("\"name\"", S_SPRINT_IN)
#define SCHEMA_ADMIN_SPRINT_CHANGE S_NEEDS("\"version\"", S_VERSION "," S_SPRINT_IN)
#define SCHEMA_ADMIN_ITEM_NEW                                                                      \
    S_NEEDS("\"sprint\",\"title\"", "\"sprint\":" S_STR "," S_ITEM_IN ",\"before\":" S_STR)
#define SCHEMA_ADMIN_ITEM_CHANGE                                                                   \
    S_NEEDS("\"version\"", S_VERSION "," S_ITEM_IN ",\"before\":" S_STR)
#define S_SPRINT_OUT                                                                               \
    "\"id\":" S_STR "," S_SPRINT_IN ",\"items\":" S_INT ",\"done\":" S_INT "," S_VERSION           \
    ",\"changed_at\":" S_TIME
#define SCHEMA_ADMIN_ITEM                                                                          \
    S_OBJECT("\"id\":" S_STR ",\"sprint\":" S_STR "," S_ITEM_IN "," S_VERSION                      \
             ",\"changed_at\":" S_TIME)
#define SCHEMA_ADMIN_SPRINTS                                                                       \
    S_OBJECT("\"sprints\":" S_LIST(S_OBJECT(S_SPRINT_OUT)) ",\"next\":" S_NEXT)
#define SCHEMA_ADMIN_SPRINT S_OBJECT(S_SPRINT_OUT ",\"board\":" S_LIST(SCHEMA_ADMIN_ITEM))
#define SCHEMA_ADMIN_COSTS                                                                         \
    S_OBJECT("\"costs\":" S_LIST(S_OBJECT("\"date\":" S_STR ",\"service\":" S_STR                  \
                                          ",\"currency\":" S_STR                                   \
                                          ",\"amount_micro\":" S_INT)) ",\"next\":" S_NEXT)
#define SCHEMA_ADMIN_IMPORT                                                                        \
    S_OBJECT("\"id\":" S_STR ",\"name\":" S_STR ",\"by\":" S_STR ",\"created_at\":" S_TIME         \
             ",\"rows\":" S_INT ",\"first_on\":" S_STR ",\"last_on\":" S_STR                       \
             ",\"newest\":" S_BOOL)
#define SCHEMA_ADMIN_IMPORTS S_OBJECT("\"imports\":" S_LIST(SCHEMA_ADMIN_IMPORT))
#define SCHEMA_ADMIN_USAGE                                                                         \
    S_OBJECT("\"from\":" S_TIME ",\"usage\":" S_LIST(                                              \
        S_OBJECT("\"key\":" S_STR ",\"answers\":" S_INT ",\"answered\":" S_INT                     \
                 ",\"cached\":" S_INT ",\"tokens_in\":" S_INT ",\"tokens_out\":" S_INT             \
                 ",\"cost_microusd\":" S_INT ",\"p50_ms\":" S_INT ",\"p95_ms\":" S_INT)))
#define SCHEMA_ADMIN_LEVELS                                                                        \
    S_OBJECT(                                                                                      \
        "\"levels\":" S_LIST(S_OBJECT("\"level\":" S_STR ",\"ready\":" S_BOOL ",\"why\":" S_STR)))
#define SCHEMA_ADMIN_VOTES                                                                         \
    S_OBJECT(                                                                                      \
        "\"votes\":" S_LIST(S_OBJECT("\"id\":" S_STR ",\"question\":" S_STR ",\"answer\":" S_STR   \
                                     ",\"owner\":" S_STR ",\"at\":" S_TIME ",\"cache_id\":" S_STR  \
                                     ",\"receipt\":" SCHEMA_RECEIPT)) ",\"next\":" S_NEXT)
#define SCHEMA_ADMIN_PROMPT                                                                        \
    S_OBJECT("\"version\":" S_INT ",\"text\":" S_STR ",\"bytes_max\":" S_INT)
#define SCHEMA_ADMIN_PROMPT_SAVE                                                                   \
    S_NEEDS("\"text\",\"base_version\"",                                                           \
            "\"text\":" S_STR ",\"note\":" S_STR ",\"base_version\":" S_INT)
#define SCHEMA_ADMIN_PROMPT_RESTORE                                                                \
    S_NEEDS("\"version\",\"base_version\"", "\"version\":" S_INT ",\"base_version\":" S_INT)
#define SCHEMA_ADMIN_PROMPT_TRY                                                                    \
    S_NEEDS("\"text\",\"question\"", "\"text\":" S_STR ",\"question\":" S_STR)
#define SCHEMA_ADMIN_PROMPT_TRIED                                                                  \
    S_OBJECT("\"answer\":" S_STR ",\"answered\":" S_BOOL ",\"receipt\":" SCHEMA_RECEIPT)
#define SCHEMA_ADMIN_PROMPT_VERSIONS                                                               \
    S_OBJECT(                                                                                      \
        "\"versions\":" S_LIST(S_OBJECT("\"version\":" S_INT ",\"text\":" S_STR ",\"note\":" S_STR \
                                        ",\"by\":" S_STR ",\"at\":" S_TIME)) ",\"next\":" S_NEXT)
#define SCHEMA_ADMIN_PRICE                                                                         \
    S_NEEDS("\"model\",\"in_microusd\",\"out_microusd\"",                                          \
            "\"model\":" S_STR ",\"in_microusd\":" S_INT ",\"out_microusd\":" S_INT)
#define SCHEMA_ADMIN_PRICES                                                                        \
    S_OBJECT("\"prices\":" S_LIST(S_OBJECT("\"model\":" S_STR ",\"in_microusd\":" S_INT            \
                                           ",\"out_microusd\":" S_INT ",\"in_use\":" S_BOOL)))

#define SCHEMA_ADMIN_SYSTEM                                                                                                                   \
    S_OBJECT("\"node\":" S_OBJECT(                                                                                                            \
        "\"id\":" S_STR ",\"class\":" S_STR ",\"role\":" S_STR ",\"state\":" S_STR                                                            \
        ",\"version\":" S_STR ",\"host\":" S_STR ",\"cores\":" S_INT                                                                          \
        ",\"machine_memory_bytes\":" S_INT ",\"started_at\":" S_TIME ",\"uptime_s\":" S_INT                                                   \
        ",\"cpu_s\":" S_NUM                                                                                                                   \
        ",\"memory_bytes\":" S_INT) ",\"parts\":" S_LIST(S_OBJECT("\"id\":" S_STR                                                             \
                                                                  ",\"room\":" S_STR                                                          \
                                                                  ",\"name\":" S_STR                                                          \
                                                                  ",\"state\":{\"enum\":[\"good\",\"warn\",\"bad\",\"off\"]},\"says\":" S_STR \
                                                                  ",\"facts\":{\"type\":\"object\"}")))

#define S_TIME_NULL "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}"
#define S_NUM_NULL "{\"type\":[\"number\",\"null\"]}"
#define SCHEMA_ADMIN_BACKUP                                                                        \
    S_OBJECT("\"every_h\":" S_INT ",\"keep\":" S_INT ",\"folder\":" S_STR ",\"sealed\":" S_BOOL    \
             ",\"running\":" S_BOOL                                                                \
             ",\"progress\":{\"type\":[\"object\",\"null\"],\"properties\":{"                      \
             "\"share\":" S_NUM ",\"spent_s\":" S_NUM ",\"left_s\":" S_NUM_NULL                    \
             "}},\"last_at\":" S_TIME_NULL ",\"last_age_s\":" S_INT_NULL                           \
             ",\"last_bytes\":" S_INT_NULL ",\"last_took_s\":" S_NUM_NULL                          \
             ",\"failed_at\":" S_TIME_NULL ",\"failure\":{\"type\":[\"string\",\"null\"]}"         \
             ",\"files\":" S_LIST(S_OBJECT("\"name\":" S_STR ",\"bytes\":" S_INT                   \
                                           ",\"created_at\":" S_TIME ",\"schema\":" S_INT          \
                                           ",\"engine\":" S_STR ",\"sealed\":" S_BOOL              \
                                           ",\"keys\":" S_BOOL ",\"scheduled\":" S_BOOL)))

#define SCHEMA_JOBS S_OBJECT("\"jobs\":" S_LIST(SCHEMA_JOB))
#define SCHEMA_SOURCES                                                                             \
    S_OBJECT("\"sources\":" S_LIST(S_OBJECT(                                                       \
        "\"id\":" S_STR ",\"source\":" S_STR ",\"upload\":" S_BOOL ",\"documents\":" S_INT         \
        ",\"bytes\":" S_INT ",\"learned_at\":" S_TIME)) ",\"next\":" S_NEXT)

#endif
