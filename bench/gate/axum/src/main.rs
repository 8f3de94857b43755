//! One JSON route with axum, on one thread: axum PORT. What it answers is made for every request, as is usual there.
use axum::{routing::get, Json, Router};
use serde::Serialize;

#[derive(Serialize)]
struct Token {
    token_id: &'static str,
    hex: &'static str,
    canonical: &'static str,
    sector: &'static str,
    quadrant: u32,
    r: f64,
    theta: f64,
    phase: u64,
    inferred: bool,
}

#[derive(Serialize)]
struct Tokens {
    tokens: Vec<Token>,
    next: &'static str,
}

async fn tokens() -> Json<Tokens> {
    let token = Token {
        token_id: "T-00016",
        hex: "0x0010",
        canonical: "the",
        sector: "grammar",
        quadrant: 1,
        r: 1.0575,
        theta: 0.252,
        phase: 172262548,
        inferred: false,
    };
    Json(Tokens { tokens: vec![token], next: "T-00016" })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let port = std::env::args().nth(1).expect("usage: axum PORT");
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.expect("a free port");
    axum::serve(listener, Router::new().route("/json", get(tokens))).await.expect("to serve");
}
