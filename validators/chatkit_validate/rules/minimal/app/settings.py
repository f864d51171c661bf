from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    taskflow_chatkit_database_url: str | None = None
    mcp_server_url: str = "http://localhost:8001/mcp"
    jwt_public_key: str
    jwt_audience: str = "chat"


settings = Settings()
