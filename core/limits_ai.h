/* limits_ai.h: the caps of ai/, each with its reason.
 * Included by core/limits.h, which is the header to include. */
#ifndef CORE_LIMITS_AI_H
#define CORE_LIMITS_AI_H

/* --- ai: text, extraction, learning ---------------------------------------------------------- */

/* A sentence that runs on (a table, a listing) is cut: longer than WORDS, at CUT; nobody reads more
 * in one quote. */
#define AI_LIMIT_SENTENCE_WORDS 80
#define AI_LIMIT_SENTENCE_CUT 60
/* So that a chunk can always be closed between two sentences before it is full. */
#define AI_LIMIT_SENTENCE_TOKENS 220
/* Of a word that are looked at: so many cost more than AI_LIMIT_SENTENCE_TOKENS whatever they
 * are. */
#define AI_LIMIT_WORD_BYTES 2048
/* Of a text, to tell its language. */
#define AI_LIMIT_LANG_SAMPLE (24u << 10)
/* A file to learn; larger ones are data sets and images of disks. */
#define AI_LIMIT_DOCUMENT_BYTES (64u << 20)
/* Text drawn out of it: sixteen bibles. */
#define AI_LIMIT_DOCUMENT_TEXT (24u << 20)
/* Headings of one document, bytes of one heading or title. */
#define AI_LIMIT_HEADINGS 20000
#define AI_LIMIT_HEADING_BYTES 300
/* Tables of one document whose columns have names. */
#define AI_LIMIT_TABLES 20000
/* Memory of one parsed HTML tree. */
#define AI_LIMIT_HTML_TREE (768u << 20)
/* Columns of a table row; the rest joins the last cell. */
#define AI_LIMIT_TABLE_COLUMNS 64
/* Bytes of a cell that reaches over several rows and is written in each of them; a longer one
 * stands in the first. Rows or columns that a cell of a page may ask for. */
#define AI_LIMIT_SPANNED_CELL 120
#define AI_LIMIT_HTML_SPAN 1000
/* Names that a reStructuredText document gives to pieces of text. */
#define AI_LIMIT_RST_NAMES 200
/* A mail: parts, parts inside of parts, and bytes of one field of a head. */
#define AI_LIMIT_MAIL_PARTS 500
#define AI_LIMIT_MAIL_DEPTH 16
#define AI_LIMIT_MAIL_FIELD (16u << 10)
/* Files inside a .docx. */
#define AI_LIMIT_ZIP_ENTRIES 20000
/* Output of mandoc or pdftotext. */
#define AI_LIMIT_TOOL_OUTPUT (96u << 20)
/* For one document, in the child or its helpers: processor time, and time by the clock, which ends
 * what hangs. The latter leaves room for machines that are busy with other things. */
#define AI_LIMIT_EXTRACT_MS 200000
#define AI_LIMIT_EXTRACT_CPU_S 30
/* Address space of the child and of its helpers, and what they may have open. */
#define AI_LIMIT_EXTRACT_MEMORY (2048ul << 20)
#define AI_LIMIT_EXTRACT_FILES 64
/* Messages for people. */
#define AI_LIMIT_WHY 200
/* Path or URL of a document. */
#define AI_LIMIT_NAME 4096
/* Estimated tokens of a chunk. The estimate errs on the high side; a chunk must stay within 500
 * real ones, so that three of them fit a small model's context. */
#define AI_LIMIT_CHUNK_TOKENS 440
/* Chunks of one document: AI_LIMIT_DOCUMENT_TEXT in the shortest chunks that are made. */
#define AI_LIMIT_CHUNKS 400000
/* Files and folders below one root. */
#define AI_LIMIT_LEARN_FILES 1000000
#define AI_LIMIT_LEARN_DEPTH 64
/* Roots of one job; jobs that wait or run; finished ones that can still be asked about. */
#define AI_LIMIT_LEARN_ROOTS 1000
#define AI_LIMIT_JOBS 64
/* Bytes of uploads that wait for their turn, all together: some of the largest. */
#define AI_LIMIT_JOBS_BYTES (256u << 20)
#define AI_LIMIT_JOBS_KEPT 32
/* The server may end so often before a job is done: then it is given up, lest it be the reason. */
#define AI_LIMIT_JOB_STARTS 3
/* Files that failed and are told by name. */
#define AI_LIMIT_JOB_ERRORS 100
/* Documents and bytes of one write, and how long a document waits for others to share it. */
#define AI_LIMIT_LEARN_BATCH 64
#define AI_LIMIT_LEARN_BATCH_BYTES (8u << 20)
#define AI_LIMIT_LEARN_BATCH_MS 400
/* Chunks of one write that keep their vectors: nothing else is written meanwhile. On PostgreSQL,
 * where each takes some milliseconds, it must stay far below CORE_LIMIT_STORE_PG_ANSWER_MS. */
#define AI_LIMIT_LEARN_KEPT 20000
#define AI_LIMIT_LEARN_KEPT_PG 500
/* A job waits so long for a database that is away, a day: by then somebody has seen to it. */
#define AI_LIMIT_LEARN_AWAY_MS 86400000
/* Tries of one write with a database that is there and is lost each time: the write is why. */
#define AI_LIMIT_LEARN_TRIES 4
/* Times as many where it says that it is busy: others may hold what is to be written. */
#define AI_LIMIT_LEARN_BUSY 20
/* Between two reports of a job. */
#define AI_LIMIT_LEARN_REPORT_MS 100
/* Documents of one page of the list, and one to see whether there are more. */
#define AI_LIMIT_DOCUMENTS_PAGE 1001
/* Chunks that are embedded before the others get a turn. */
#define AI_LIMIT_EMBED_CHUNKS 4
/* Documents that are lined up for it; the others follow when there is room. */
#define AI_LIMIT_EMBED_DOCUMENTS 100000
/* After an error the embedding of passages rests so long. */
#define AI_LIMIT_EMBED_RETRY_MS 30000

/* --- ai: answering --------------------------------------------------------------------------- */

/* A question with more words is a text; the guard of the cache does not judge it. */
#define AI_LIMIT_GUARD_WORDS 48
/* Bytes of one word there, NUL included. */
#define AI_LIMIT_GUARD_WORD 64
/* Embedding models of up to so many dimensions. */
#define AI_LIMIT_DIMENSIONS 1024
/* Content words of a question that are looked at. */
#define AI_LIMIT_TERMS 24
/* Words of a question that may be mistyped and are looked up as all they could be. */
#define AI_LIMIT_SPELL_WORDS 4
/* Chunks in which a word of a question is looked for that may be written in other pieces there. */
#define AI_LIMIT_JOINED_HITS 8
/* Words of a question of which pieces are looked for, and chunks in which pieces of one may stand in
 * all: a search looks at each of them. */
#define AI_LIMIT_JOINED_WORDS 8
#define AI_LIMIT_JOINED_CHUNKS 20000
/* Options of programs looked at in a question. */
#define AI_LIMIT_OPTIONS 4
/* Bytes of a question that retrieval and the cache look at; the rest is a pasted text. */
#define AI_LIMIT_QUERY 2048
/* Hits taken from each list before they are fused. */
#define AI_LIMIT_RETRIEVE 50
/* Reciprocal rank fusion: how little the first ranks differ, and how
 * much more than a keyword rank the ranks by windows, by windows of the
 * other model, by the best sentence and by the document's beginning count
 * (tests/eval). */
#define AI_FUSE_K 20.0
#define AI_FUSE_VECTORS 2.0
/* A keyword hit counts whole from this part on of what all words of the question could give. */
#define AI_KEYWORDS_WHOLE 0.25
/* The most that BM25 gives a word, in units of its rarity: k1 + 1. */
#define AI_BM25_MOST 2.2
#define AI_FUSE_SECOND 0.7
#define AI_FUSE_SENTENCES 1.0
#define AI_FUSE_DOCUMENTS 2.0
#define AI_FUSE_ALL (1 + AI_FUSE_VECTORS + AI_FUSE_SECOND + AI_FUSE_SENTENCES + AI_FUSE_DOCUMENTS)
/* That nobody says "happen" means less than that nobody says "E31": see ai_lang_rarity()
 * (tests/eval). */
#define AI_RANK_COMMON 1000.0f
#define AI_RANK_RARE 10000.0f
#define AI_RARITY_LEAST 0.3f
/* Bytes before an option that its line is about. */
#define AI_OPTION_HEAD 12
/* What the definition of an option counts that is asked for; in how many documents it is looked
 * for, of those with the first ranks by keywords, how many chunks of each are looked at and
 * taken. Less where only its long name tells, by a word that weighs so much in the question. */
#define AI_FUSE_OPTION 4.0
#define AI_FUSE_WANTED 2.0
#define AI_WANTED_WEIGHT .4f
#define AI_OPTION_DOCUMENTS 3
#define AI_OPTION_RANKS 10
#define AI_OPTION_LOOK 4096
#define AI_OPTION_CHUNKS 4
/* What a further chunk of a document counts, beside the one before. */
#define AI_FUSE_REPEAT 0.7
/* … where no document is to be shown, but a sentence found: it may be in the third of one. */
#define AI_FUSE_REPEAT_ASK 0.85
/* What holds a number or name that at most so many
 * chunks hold comes before what only sounds alike. */
#define AI_FUSE_RARE 4.0
#define AI_RARE_CHUNKS 3
/* A shorter number is an amount rather than a name. */
#define AI_RARE_NUMBER 5
/* Of a question's vector by the multilingual model, how much of what its language gives is
 * taken. */
#define AI_NEUTRAL_SHARE 0.6f
/* By how much a passage in another language seems farther away from an English question than one
 * in English that says the same. */
#define AI_FOREIGN_FARTHER 0.1f
/* The other model's ranks count from when it has seen so much of what the first has. */
#define AI_EMBED_NEARLY_ALL 0.9
/* Results of one search. */
#define AI_LIMIT_SEARCH_K 50
/* Sources shown with an answer. */
#define AI_LIMIT_SOURCES 4
/* Passages shown as sources of an answer. */
#define AI_ANSWER_SOURCES 3
/* Bytes of a quote: the contract's 400 characters. */
#define AI_LIMIT_QUOTE 400
/* Chunks whose sentences are candidates for an answer. */
#define AI_LIMIT_PASSAGE_CHUNKS 16
/* Sentences of one chunk that are looked at: a chunk of 180 words seldom has more. */
#define AI_LIMIT_CHUNK_SENTENCES 64
/* Items, rows or lines of code behind a colon that come along with it. */
#define AI_PASSAGE_LIST 8
/* A passage is not widened beyond so many words. */
#define AI_PASSAGE_WORDS 70
/* The weight of a word that one in some thousand chunks holds. */
#define AI_RARE_WEIGHT 8.3f
/* Among how many chunks a word is rare at least, however few there are. */
#define AI_RARE_AMONG 500
/* A word that the dictionary of GENOM has no farther out than this (r: one in three millions of words)
 * is what people mean: "recieve" is farther, and so is "gnomon". What is farther may stand for a
 * word that is nearer by this (sixteen times as usual). */
#define AI_SPELL_KNOWN_R 1.215
#define AI_SPELL_BETTER_R .04
/* Chunks in which a short word stands that no dictionary knows, if it is to be the one meant. */
#define AI_SPELL_CHUNKS 5
/* How much a verb that says little ("need", "use") weighs. */
#define AI_COMMON_WORD_WEIGHT .35f
/* How much a word of the question before weighs beside those of one that leans on it. */
#define AI_CARRIED_WEIGHT .5f
/* How much a word that only names the type of answer weighs. */
#define AI_TYPE_WORD_WEIGHT .15f
/* How well a number that names no unit answers where one is asked for. */
#define AI_OTHER_UNIT .3f
/* Digits of a phone number with its area, and with its country. */
#define AI_PHONE_DIGITS 7
#define AI_PHONE_DIGITS_MOST 15
/* Log odds that a sentence answers, less, when it lacks a code of the question that another has; and
 * how much it counts where one has it that other words are missing. */
#define AI_CODE_MISSED 2.0
#define AI_CODE_FOUND .5f
/* Letters of the longest acronym that is told by the words it stands for. */
#define AI_ACRONYM_LETTERS 6
/* Letters of a noun that a longer German one is told to be made of. */
#define AI_COMPOUND_PART 4
/* Words of a label in front of what it names ("Date of payment: …"). */
#define AI_LABEL_WORDS 6
/* Bytes of the term that is put in front of its definition. */
#define AI_PASSAGE_TERM 100
/* A shorter sentence takes the one before along. */
#define AI_PASSAGE_SHORT_WORDS 8
/* Passages that come out of the choice. */
#define AI_LIMIT_PASSAGES 12
/* Passages shown to the local model: it loses the thread with more. */
#define AI_GROUND_PASSAGES 2
/* Bytes of the text that administrators give it: about 130 tokens, so that even the smallest
 * context (512) has room for passages, question and answer. */
#define AI_LIMIT_PROMPT 512
/* Of a note to a version of it, and local models that have prices. */
#define AI_LIMIT_PROMPT_NOTE 512
#define AI_LIMIT_PRICES 100
/* Bytes of its prompt; about 1,000 tokens. */
#define AI_LIMIT_GROUND_PROMPT (6u << 10)
/* Tokens of its answer: short, and where more was asked for. */
#define AI_GROUND_TOKENS 60
#define AI_GROUND_TOKENS_MORE 160
/* Tenths of the words of a generated sentence that the evidence or the question must hold, and that
 * the evidence alone must. */
#define AI_GROUND_KNOWN 9
#define AI_GROUND_SHOWN 7
/* Sentences of one passage that a generated one is compared with. */
#define AI_GROUND_SENTENCES 4
/* Bytes of a generated answer that are kept. */
#define AI_LIMIT_GENERATED (1u << 20)
/* Bytes of one sentence that is checked against the documents. */
#define AI_LIMIT_GROUND_SENTENCE 2048
/* Tokens of an answer to a client that names no number. */
#define AI_MODEL_TOKENS 512
/* Keeps a small model from repeating itself without bending what it says. */
#define AI_REPEAT_PENALTY 1.1
/* The receipt with its sources as JSON. */
#define AI_LIMIT_RECEIPT (32u << 10)
/* Least probability that the documents answer a question: below it the answer is that they do not.
 * From tests/eval. */
#define AI_ANSWERABLE 0.66
/* Least probability that the passages answer: to quote them at once; to answer an API client from
 * them, whose questions are about anything; to show them to the model in a client's own
 * conversation; to leave that to the local model where there is a remote one. From tests/eval; of
 * 67 questions and orders that have nothing to do with documents two reach CLIENT, eight CONTEXT. */
#define AI_CONFIDENT_QUOTE 0.40
#define AI_CONFIDENT_CLIENT 0.45
#define AI_CONFIDENT_CONTEXT 0.30
#define AI_CONFIDENT_EASY 0.60
/* Both embedding models have so many dimensions, and are fed windows of so many tokens. */
#define AI_EMBED_DIMENSIONS 384
#define AI_EMBED_WINDOW 128
/* Texts of one embeddings request, windows of one text, windows given to the model at once. */
#define AI_LIMIT_EMBED_TEXTS 2048
#define AI_LIMIT_EMBED_WINDOWS 128
#define AI_EMBED_PARTS 16
/* How long a request for vectors keeps its thread before others have a turn. */
#define AI_EMBED_SLICE_MS 50
/* Bytes of a search snippet. */
#define AI_LIMIT_SNIPPET 300
/* How long a look at the model's file is believed. */
#define AI_MODEL_CHECK_MS 1000
/* Idle weights are looked for so often; old rows every so many rounds: daily. */
#define AI_UPKEEP_MS 60000
#define AI_UPKEEP_TRIM_ROUNDS 1440
/* Longer messages are no small talk. */
#define AI_LIMIT_SMALL_TALK 64
/* Memory of one question with its chunks. */
#define AI_LIMIT_ASK_MEMORY (8u << 20)
/* Questions in work or waiting; more are told to come back. */
#define AI_LIMIT_ASKS 256
/* States of such as have ended that are kept for the next: a megabyte. */
#define AI_LIMIT_ASK_SPARES 64
/* Entries of the answer cache that one scope keeps and near questions are compared with. */
#define AI_LIMIT_CACHE_SCOPE 2000
/* Entries of the answer cache in all. */
#define AI_LIMIT_CACHE_ROWS 50000
/* One cached answer as JSON. */
#define AI_LIMIT_CACHE_ANSWER (32u << 10)
/* Least cosine of two questions that may be the same; what is the same decides the guard. The
 * multilingual model puts everything close together. */
#define AI_CACHE_COSINE 0.70f
#define AI_CACHE_COSINE_MULTI 0.85f
/* Rows of one page of history. */
#define AI_LIMIT_HISTORY_PAGE 500
/* Messages looked through for the question before. */
#define AI_LIMIT_HISTORY_LOOKBACK 32
/* Bytes of a conversation's title: given by the owner, or made from the first question. */
#define AI_LIMIT_TITLE 512
#define AI_LIMIT_TITLE_AUTO 80
/* A stored vector and the same one in the index,
 * both halves: equal but for the last bits of a sum. */
#define AI_AGREE_COSINE 0.99f
/* Looks at index and store before a difference counts, and the time between them: longer than any
 * piece of embedding takes to get from one to the other. */
#define AI_AGREE_LOOKS 8
#define AI_AGREE_WAIT_MS 250
/* --- Remote levels */
/* Providers, models of all of them, and bytes of a
 * name, an address, a reference to a key and the key. */
#define AI_LIMIT_PROVIDERS 32
#define AI_LIMIT_PROVIDER_MODELS 8
#define AI_LIMIT_PROVIDER_NAME 64
#define AI_LIMIT_PROVIDER_URL 512
#define AI_LIMIT_KEY_REFERENCE 1024
#define AI_LIMIT_KEY 4096
/* Times until the first byte and the end of an answer: as configured, and what may be. */
#define AI_PROVIDER_FIRST_MS 15000
#define AI_PROVIDER_WHOLE_MS 120000
#define AI_LIMIT_PROVIDER_MS 3600000
/* Calls of one provider at once: as configured, and what may be (all questions). */
#define AI_PROVIDER_CALLS 64
/* Tries of one provider; before another one: a random time up to twice as much each time. */
#define AI_REMOTE_TRIES 3
#define AI_REMOTE_PAUSE_MS 200
/* A provider that wants more patience is passed over. */
#define AI_REMOTE_RETRY_AFTER_S 5
/* After the last event of a stream: how long its connection has for the end of the body, so that it
 * can serve again. Some providers leave it open. */
#define AI_REMOTE_END_MS 50
/* When the client left: how long a call is read on, to hear from the provider what it cost. */
#define AI_REMOTE_LEFT_MS 1000
/* A price per million tokens: a thousand dollars. */
#define AI_LIMIT_PRICE INT64_C(1000000000)
#define AI_LIMIT_PROVIDER_TOKENS 10000000
/* What a message costs in tokens beside its text. */
#define AI_REMOTE_MESSAGE_TOKENS 16
/* Enough for a word, also of a model that thinks first. */
#define AI_REMOTE_TEST_TOKENS 16
/* Output of one answer when a model's row says nothing. */
#define AI_REMOTE_TOKENS 1024
/* So many failures within the window open the breaker;
 * the wait doubles with each probe that fails. */
#define AI_BREAKER_FAILURES 5
#define AI_BREAKER_WINDOW_MS 30000
#define AI_BREAKER_WAIT_MS 5000
#define AI_BREAKER_WAIT_MAX_MS 300000
/* One event of a stream, one whole answer, everything that a provider may send, a request. */
#define AI_LIMIT_WIRE_LINE (256u << 10)
#define AI_LIMIT_WIRE_OBJECT (8u << 20)
#define AI_LIMIT_WIRE_BODY (64u << 20)
#define AI_LIMIT_WIRE_REQUEST (32u << 20)
/* Tokens that a provider may say it took: more is nonsense. */
#define AI_LIMIT_WIRE_TOKENS 100000000
/* From which probability on a remote model may look whether the passages answer, though it is not
 * probable enough to quote them; what it says is checked. */
#define AI_ANSWERABLE_REMOTE 0.35

/* Telemetry rows are kept for so long. */
#define AI_LIMIT_TELEMETRY_DAYS 400
/* Rows of it that are written together: what three thousand answers a second make in the time that
 * they are gathered for. */
#define AI_GATHER_MS 20
#define AI_LIMIT_GATHER 64
/* Sums by the minute: an hour is what is looked at. */
#define AI_LIMIT_TELEMETRY_FINE_MS 7200000
/* Newest answers of a level whose latency is at hand: twenty above the 95th percentile are
 * enough. */
#define AI_LIMIT_RECENT 400

/* --- ai/model, ai/index ---------------------------------------------------------------------- */

/* Model names: AI_LIMIT_MODELS of at most AI_LIMIT_MODEL_NAME bytes; they name files and
 * columns. */
#define AI_LIMIT_MODELS 4
#define AI_LIMIT_MODEL_NAME 31
/* Rows of one vector file: 4 M × 768 B = 3 GiB of map; more wants another engine. */
#define AI_LIMIT_VECTOR_ROWS (4u << 20)
#define AI_LIMIT_VECTOR_DIMENSIONS 4096
/* Memory of the graph of one model: two million nodes of 384 dimensions. Rows beyond are
 * scanned. */
#define AI_LIMIT_GRAPH_BYTES ((size_t)1 << 30)
/* Rows from which on there is a graph. Searches turn to it at twice as many: until then comparing
 * with all takes half a millisecond, and it is ready when it is wanted. */
#define AI_LIMIT_GRAPH_FROM 4096
/* Windows of one chunk: a chunk of ≤ 500 model tokens has a handful. */
#define AI_LIMIT_CHUNK_WINDOWS 64
/* Tokens of one call of an embedding model. Sequences of a call are masked against each other, so
 * more of them do not go faster: measured best at about 200 tokens. */
#define AI_LIMIT_EMBED_BATCH 256
/* Texts of one call. */
#define AI_LIMIT_EMBED_SEQUENCES 16
/* What a text may have beyond a window: room for a title put in front of it. */
#define AI_LIMIT_EMBED_TITLE_TOKENS 32
/* Bytes of a text that embedding looks at: more than the tokens of a window can ever need. */
#define AI_LIMIT_EMBED_TEXT (8u << 10)
/* Bytes of one text to split into windows. */
#define AI_LIMIT_EMBED_SPLIT (1u << 20)
/* Time a child has to read a model file before we stop waiting for its opinion. */
#define AI_LIMIT_PROBE_S 30
/* Tokens of a prompt computed in one go. 64 is the least at which llama.cpp's attention takes its
 * precise and fast path; a piece holds the others up for about half a second on one thread. The
 * last piece of a prompt has up to twice as many less one. */
#define AI_LIMIT_PROMPT_PIECE 64
/* Bytes of prompt per token of context, beyond which it is refused without tokenizing: text has
 * about four, and tokenizing holds the others up. */
#define AI_LIMIT_TOKEN_BYTES 16
/* Messages of one prompt. */
#define AI_LIMIT_PROMPT_MESSAGES 1024
/* Generated tokens that a repeat penalty looks back on. */
#define AI_LIMIT_PENALTY_TOKENS 64
/* Text of one request that waits for the loop; a token has a few bytes. */
#define AI_LIMIT_GENERATE_HELD (16u << 20)
/* Bytes of one stop string, and of the text that waits because it may be the start of one. */
#define AI_LIMIT_STOP 1024
#define AI_LIMIT_STREAM_HELD (8u << 10)
/* Hits of one search; the heap of the scan is this big at most. */
#define AI_LIMIT_HITS 4096
/* Different words of one keyword query; each opens one posting list. */
#define AI_LIMIT_QUERY_WORDS 64
/* Bytes of one word; a longer one is no word that anybody looks for. */
#define AI_LIMIT_QUERY_WORD 128
/* Chunks from which on words that most of them hold are left out of a query. */
#define AI_LIMIT_COMMON_WORDS_FROM 1000
/* Word counts kept, and how long: weights of words drift slowly. */
#define AI_LIMIT_WORD_COUNTS 4096
#define AI_LIMIT_WORD_COUNT_S 60
/* Different terms of one content: the words of AI_LIMIT_DOCUMENT_TEXT, had it hardly any twice. */
#define AI_LIMIT_CONTENT_TERMS (4u << 20)
/* Lists of postings that one query may bring: ten words, each in half of two million chunks. */
#define AI_LIMIT_KEYWORD_BYTES ((size_t)64 << 20)
/* On PostgreSQL: hits of a search by the index of its extension; the
 * windows asked for, since those of one chunk count once; and how broad the
 * walk is (recall of 10 among 100,000 windows: .99 and more). */
#define AI_NEAR_PG_HITS 50
#define AI_NEAR_PG_WINDOWS "150"
#define AI_NEAR_PG_BREADTH "400"
/* The width of the columns. */
#define AI_NEAR_PG_DIMENSIONS 384

#endif
