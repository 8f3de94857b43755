"""fastapi_app.py: one JSON route with FastAPI, for uvicorn; the type of its answer makes it write JSON faster."""
from fastapi import FastAPI
from pydantic import BaseModel


class Token(BaseModel):
    token_id: str
    hex: str
    canonical: str
    sector: str
    quadrant: int
    r: float
    theta: float
    phase: int
    inferred: bool


class Tokens(BaseModel):
    tokens: list[Token]
    next: str


app = FastAPI()


@app.get("/json")
async def tokens() -> Tokens:
    return Tokens(tokens=[Token(token_id="T-00016", hex="0x0010", canonical="the", sector="grammar", quadrant=1, r=1.0575,
                                theta=0.252, phase=172262548, inferred=False)], next="T-00016")
