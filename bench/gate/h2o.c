/*
 * h2o.c: one JSON route with libh2o and nothing around it: no access log, no check of who asks. It
 * holds the body ready.
 *
 *   h2o PORT FILE      answers GET /json on 127.0.0.1:PORT with what the file holds
 *   h2o version
 */
#include <arpa/inet.h>
#include <h2o.h>
#include <h2o/version.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static h2o_globalconf_t config;
static h2o_context_t context;
static h2o_accept_ctx_t accepter;
static h2o_iovec_t body;

static int answer(h2o_handler_t *handler, h2o_req_t *request)
{
    (void)handler;
    static h2o_generator_t generator = {NULL, NULL};
    if (!h2o_memis(request->method.base, request->method.len, H2O_STRLIT("GET")))
        return -1;
    request->res.status = 200;
    request->res.reason = "OK";
    request->res.content_length = body.len;
    h2o_add_header(&request->pool, &request->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                   H2O_STRLIT("application/json"));
    h2o_start_response(request, &generator);
    h2o_send(request, &body, 1, H2O_SEND_STATE_FINAL);
    return 0;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    h2o_socket_t *socket;
    if (!err && (socket = h2o_evloop_socket_accept(listener)))
        h2o_accept(&accepter, socket);
}

static int listen_on(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, SOMAXCONN) < 0)
        return -1;
    h2o_socket_read_start(h2o_evloop_socket_create(context.loop, fd, H2O_SOCKET_FLAG_DONT_READ),
                          on_accept);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        puts("libh2o " H2O_VERSION);
        return 0;
    }
    static char text[1 << 16];
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: h2o PORT FILE\n");
        return 2;
    }
    body = h2o_iovec_init(text, fread(text, 1, sizeof text, file));
    fclose(file);
    signal(SIGPIPE, SIG_IGN);
    h2o_config_init(&config);
    h2o_hostconf_t *host = h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")),
                                                    65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/json", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = answer;
    h2o_context_init(&context, h2o_evloop_create(), &config);
    accepter.ctx = &context;
    accepter.hosts = config.hosts;
    if (listen_on((int)strtol(argv[1], NULL, 10)) < 0) {
        perror(argv[1]);
        return 1;
    }
    while (h2o_evloop_run(context.loop, INT32_MAX) == 0) {
    }
    return 1;
}
