/// The REST interface as OpenAPI 3.1: `GET /openapi.json`.
enum OpenAPI {
    static let document = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "ChatServer",
            "version": "0.1.0",
            "summary": "Accounts, rooms and history of a real-time chat.",
            "description": "Messages are sent and received over the WebSocket at /ws; what stands here is everything else."
          },
          "security": [{"bearer": []}],
          "paths": {
            "/auth/register": {
              "post": {
                "summary": "Make an account",
                "responses": {
                  "201": {
                    "description": "The account, signed in.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/TokenPair"}}
                    }
                  },
                  "400": {"$ref": "#/components/responses/Problem"},
                  "409": {"$ref": "#/components/responses/Problem"},
                  "413": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "429": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {
                          "username": {
                            "type": "string",
                            "minLength": 3,
                            "maxLength": 50,
                            "pattern": "^[A-Za-z0-9_.-]+$"
                          },
                          "password": {
                            "type": "string",
                            "minLength": 8,
                            "maxLength": 128,
                            "pattern": "^[^\\u0000]*$"
                          }
                        },
                        "required": ["username", "password"]
                      }
                    }
                  }
                },
                "security": []
              }
            },
            "/auth/login": {
              "post": {
                "summary": "Sign in",
                "responses": {
                  "200": {
                    "description": "Signed in.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/TokenPair"}}
                    }
                  },
                  "400": {"$ref": "#/components/responses/Problem"},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "413": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "429": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {
                          "username": {
                            "type": "string",
                            "minLength": 3,
                            "maxLength": 50,
                            "pattern": "^[A-Za-z0-9_.-]+$"
                          },
                          "password": {
                            "type": "string",
                            "minLength": 8,
                            "maxLength": 128,
                            "pattern": "^[^\\u0000]*$"
                          }
                        },
                        "required": ["username", "password"]
                      }
                    }
                  }
                },
                "security": []
              }
            },
            "/auth/refresh": {
              "post": {
                "summary": "Exchange a refresh token for a new pair",
                "responses": {
                  "200": {
                    "description": "The new pair; the old refresh token is spent.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/TokenPair"}}
                    }
                  },
                  "400": {"$ref": "#/components/responses/Problem"},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "413": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {
                          "refresh_token": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 1024,
                            "pattern": "^[^\\u0000]*$"
                          }
                        },
                        "required": ["refresh_token"]
                      }
                    }
                  }
                },
                "security": []
              }
            },
            "/auth/logout": {
              "post": {
                "summary": "End the session and close its sockets",
                "responses": {
                  "204": {"description": "Signed out."},
                  "400": {"$ref": "#/components/responses/Problem"},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "413": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {
                          "refresh_token": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 1024,
                            "pattern": "^[^\\u0000]*$"
                          }
                        },
                        "required": ["refresh_token"]
                      }
                    }
                  }
                },
                "security": []
              }
            },
            "/auth/me": {
              "get": {
                "summary": "Who am I",
                "responses": {
                  "200": {
                    "description": "The account.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/User"}}
                    }
                  },
                  "401": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                }
              }
            },
            "/rooms": {
              "get": {
                "summary": "Public rooms and the caller's own",
                "responses": {
                  "200": {
                    "description": "A page.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "required": ["rooms", "next_after_id"],
                          "properties": {
                            "rooms": {
                              "type": "array",
                              "items": {"$ref": "#/components/schemas/Room"}
                            },
                            "next_after_id": {"type": ["integer", "null"], "format": "int64"}
                          }
                        }
                      }
                    }
                  },
                  "401": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "parameters": [
                  {
                    "name": "after_id",
                    "in": "query",
                    "description": "Rooms after this id.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9223372036854775807}
                  },
                  {
                    "name": "limit",
                    "in": "query",
                    "description": "Elements of a page; 50 if not given.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 200}
                  }
                ]
              },
              "post": {
                "summary": "Make a room",
                "responses": {
                  "201": {
                    "description": "The room; the caller is its owner.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/Room"}}
                    }
                  },
                  "400": {"$ref": "#/components/responses/Problem"},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "413": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 100,
                            "pattern": "^[^\\u0000]*$"
                          },
                          "is_private": {"type": ["boolean", "null"], "description": "false if not given."},
                          "access_code": {
                            "type": ["string", "null"],
                            "minLength": 4,
                            "maxLength": 64,
                            "pattern": "^[^\\u0000]*$",
                            "description": "Of a private room; without it the room is by invitation only."
                          }
                        },
                        "required": ["name"],
                        "anyOf": [
                          {"properties": {"is_private": {"const": true}}, "required": ["is_private"]},
                          {"properties": {"access_code": {"type": "null"}}}
                        ]
                      }
                    }
                  }
                }
              }
            },
            "/rooms/{id}": {
              "parameters": [
                {
                  "name": "id",
                  "in": "path",
                  "required": true,
                  "description": "The room's id.",
                  "schema": {"type": "integer"}
                }
              ],
              "get": {
                "summary": "A room",
                "responses": {
                  "200": {
                    "description": "The room.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/Room"}}
                    }
                  },
                  "401": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                }
              },
              "patch": {
                "summary": "Rename a room or change its access code (owner)",
                "responses": {
                  "200": {
                    "description": "The room as it is now; a new name was told to its sockets as room_updated.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/Room"}}
                    }
                  },
                  "400": {"$ref": "#/components/responses/Problem"},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "413": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 100,
                            "pattern": "^[^\\u0000]*$"
                          },
                          "access_code": {
                            "type": ["string", "null"],
                            "minLength": 4,
                            "maxLength": 64,
                            "pattern": "^[^\\u0000]*$",
                            "description": "Of a private room; null: by invitation only."
                          }
                        },
                        "anyOf": [{"required": ["name"]}, {"required": ["access_code"]}]
                      }
                    }
                  }
                }
              },
              "delete": {
                "summary": "Delete a room with all that is in it (owner)",
                "responses": {
                  "204": {"description": "Deleted; its sockets were told room_left with the reason deleted."},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                }
              }
            },
            "/rooms/{id}/join": {
              "parameters": [
                {
                  "name": "id",
                  "in": "path",
                  "required": true,
                  "description": "The room's id.",
                  "schema": {"type": "integer"}
                }
              ],
              "post": {
                "summary": "Become a member",
                "responses": {
                  "200": {
                    "description": "The membership.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/Membership"}}
                    }
                  },
                  "400": {"$ref": "#/components/responses/Problem"},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "413": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "429": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "requestBody": {
                  "required": false,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {
                          "access_code": {"type": ["string", "null"], "pattern": "^[^\\u0000]*$"}
                        }
                      }
                    }
                  }
                }
              }
            },
            "/rooms/{id}/leave": {
              "parameters": [
                {
                  "name": "id",
                  "in": "path",
                  "required": true,
                  "description": "The room's id.",
                  "schema": {"type": "integer"}
                }
              ],
              "post": {
                "summary": "Stop being a member",
                "responses": {
                  "204": {"description": "Left."},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "409": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                }
              }
            },
            "/rooms/{id}/members": {
              "parameters": [
                {
                  "name": "id",
                  "in": "path",
                  "required": true,
                  "description": "The room's id.",
                  "schema": {"type": "integer"}
                }
              ],
              "get": {
                "summary": "The members",
                "responses": {
                  "200": {
                    "description": "A page.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "required": ["members", "next_after_id"],
                          "properties": {
                            "members": {
                              "type": "array",
                              "items": {"$ref": "#/components/schemas/Member"}
                            },
                            "next_after_id": {"type": ["integer", "null"], "format": "int64"}
                          }
                        }
                      }
                    }
                  },
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "parameters": [
                  {
                    "name": "after_id",
                    "in": "query",
                    "description": "Members after this user id.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9223372036854775807}
                  },
                  {
                    "name": "limit",
                    "in": "query",
                    "description": "Elements of a page; 50 if not given.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 200}
                  }
                ]
              }
            },
            "/rooms/{id}/members/{user_id}": {
              "parameters": [
                {
                  "name": "id",
                  "in": "path",
                  "required": true,
                  "description": "The room's id.",
                  "schema": {"type": "integer"}
                },
                {
                  "name": "user_id",
                  "in": "path",
                  "required": true,
                  "description": "The member's id.",
                  "schema": {"type": "integer"}
                }
              ],
              "delete": {
                "summary": "Remove a member (owner)",
                "responses": {
                  "204": {"description": "Removed; the user's sockets left the room."},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "409": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                }
              }
            },
            "/rooms/{id}/messages": {
              "parameters": [
                {
                  "name": "id",
                  "in": "path",
                  "required": true,
                  "description": "The room's id.",
                  "schema": {"type": "integer"}
                }
              ],
              "get": {
                "summary": "The history",
                "responses": {
                  "200": {
                    "description": "A page, ascending by seq.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "required": ["messages", "has_more"],
                          "properties": {
                            "messages": {
                              "type": "array",
                              "items": {"$ref": "#/components/schemas/Message"}
                            },
                            "has_more": {"type": "boolean"}
                          }
                        }
                      }
                    }
                  },
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "parameters": [
                  {
                    "name": "before_seq",
                    "in": "query",
                    "description": "Messages before this seq.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9223372036854775807}
                  },
                  {
                    "name": "after_seq",
                    "in": "query",
                    "description": "Messages after this seq; not with before_seq.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9223372036854775807}
                  },
                  {
                    "name": "limit",
                    "in": "query",
                    "description": "Elements of a page; 50 if not given.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 200}
                  }
                ]
              }
            },
            "/rooms/{id}/read": {
              "parameters": [
                {
                  "name": "id",
                  "in": "path",
                  "required": true,
                  "description": "The room's id.",
                  "schema": {"type": "integer"}
                }
              ],
              "post": {
                "summary": "Note how far one has read",
                "responses": {
                  "200": {
                    "description": "How far that is: never back, never beyond the last message.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "required": ["room_id", "last_read_seq", "unread"],
                          "properties": {
                            "room_id": {"type": "integer", "format": "int64"},
                            "last_read_seq": {"type": "integer", "format": "int64"},
                            "unread": {"type": "integer", "format": "int64"}
                          }
                        }
                      }
                    }
                  },
                  "400": {"$ref": "#/components/responses/Problem"},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "413": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {
                          "seq": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9223372036854775807}
                        },
                        "required": ["seq"]
                      }
                    }
                  }
                }
              }
            },
            "/rooms/{id}/invitations": {
              "parameters": [
                {
                  "name": "id",
                  "in": "path",
                  "required": true,
                  "description": "The room's id.",
                  "schema": {"type": "integer"}
                }
              ],
              "get": {
                "summary": "The room's invitations, the newest first, 200 at most (owner)",
                "responses": {
                  "200": {
                    "description": "The invitations.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "required": ["invitations"],
                          "properties": {
                            "invitations": {
                              "type": "array",
                              "items": {"$ref": "#/components/schemas/Invitation"}
                            }
                          }
                        }
                      }
                    }
                  },
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                }
              },
              "post": {
                "summary": "Make an invitation (owner)",
                "responses": {
                  "201": {
                    "description": "The invitation.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/Invitation"}}
                    }
                  },
                  "400": {"$ref": "#/components/responses/Problem"},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "413": {"$ref": "#/components/responses/Problem"},
                  "422": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                },
                "requestBody": {
                  "required": false,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {
                          "max_uses": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000},
                          "expires_in": {
                            "type": ["integer", "null"],
                            "minimum": 1,
                            "maximum": 31536000,
                            "description": "Seconds."
                          }
                        }
                      }
                    }
                  }
                }
              }
            },
            "/rooms/{id}/invitations/{code}": {
              "parameters": [
                {
                  "name": "id",
                  "in": "path",
                  "required": true,
                  "description": "The room's id.",
                  "schema": {"type": "integer"}
                },
                {
                  "name": "code",
                  "in": "path",
                  "required": true,
                  "description": "The invitation's code.",
                  "schema": {"type": "string"}
                }
              ],
              "delete": {
                "summary": "Revoke an invitation (owner)",
                "responses": {
                  "204": {"description": "Revoked; its code is as good as unknown."},
                  "401": {"$ref": "#/components/responses/Problem"},
                  "403": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                }
              }
            },
            "/invitations/{code}/accept": {
              "parameters": [
                {
                  "name": "code",
                  "in": "path",
                  "required": true,
                  "description": "The invitation's code.",
                  "schema": {"type": "string"}
                }
              ],
              "post": {
                "summary": "Become a member by invitation",
                "responses": {
                  "200": {
                    "description": "The membership.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/Membership"}}
                    }
                  },
                  "401": {"$ref": "#/components/responses/Problem"},
                  "404": {"$ref": "#/components/responses/Problem"},
                  "410": {"$ref": "#/components/responses/Problem"},
                  "429": {"$ref": "#/components/responses/Problem"},
                  "503": {"$ref": "#/components/responses/Problem"}
                }
              }
            },
            "/health/live": {
              "get": {
                "summary": "Does the process live",
                "responses": {
                  "200": {
                    "description": "It does.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/Health"}}
                    }
                  }
                },
                "security": []
              }
            },
            "/health/ready": {
              "get": {
                "summary": "May it have traffic",
                "responses": {
                  "200": {
                    "description": "It may.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/Health"}}
                    }
                  },
                  "503": {
                    "description": "It may not.",
                    "content": {
                      "application/json": {"schema": {"$ref": "#/components/schemas/Health"}}
                    }
                  }
                },
                "security": []
              }
            },
            "/metrics": {
              "get": {
                "summary": "Metrics",
                "responses": {
                  "200": {
                    "description": "Prometheus text 0.0.4, or OpenMetrics 1.0.0 by Accept.",
                    "content": {
                      "text/plain": {"schema": {"type": "string"}},
                      "application/openmetrics-text": {"schema": {"type": "string"}}
                    }
                  },
                  "401": {"$ref": "#/components/responses/Problem"}
                },
                "security": []
              }
            },
            "/openapi.json": {
              "get": {
                "summary": "This document",
                "responses": {
                  "200": {
                    "description": "OpenAPI 3.1.",
                    "content": {"application/json": {"schema": {"type": "object"}}}
                  }
                },
                "security": []
              }
            }
          },
          "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": {
              "Problem": {
                "description": "A problem (RFC 9457).",
                "content": {
                  "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }
              }
            },
            "schemas": {
              "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "code"],
                "properties": {
                  "type": {"type": "string"},
                  "title": {"type": "string"},
                  "status": {"type": "integer", "format": "int64"},
                  "detail": {"type": "string"},
                  "code": {
                    "description": "A stable machine word. Treat one that you do not know by the status.",
                    "type": "string"
                  },
                  "errors": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                      "required": ["field", "message"]
                    }
                  }
                }
              },
              "User": {
                "type": "object",
                "required": ["id", "username"],
                "properties": {
                  "id": {"type": "integer", "format": "int64"},
                  "username": {"type": "string"}
                }
              },
              "TokenPair": {
                "type": "object",
                "required": ["user", "access_token", "expires_in", "refresh_token"],
                "properties": {
                  "user": {"$ref": "#/components/schemas/User"},
                  "access_token": {"type": "string"},
                  "expires_in": {"type": "integer", "description": "Seconds."},
                  "refresh_token": {"type": "string"}
                }
              },
              "Room": {
                "type": "object",
                "required": ["id", "name", "is_private", "created_at", "last_seq", "role", "last_read_seq", "unread"],
                "properties": {
                  "id": {"type": "integer", "format": "int64"},
                  "name": {"type": "string"},
                  "is_private": {"type": "boolean"},
                  "created_at": {"type": "string", "format": "date-time"},
                  "last_seq": {"type": "integer", "format": "int64"},
                  "role": {"type": ["string", "null"], "enum": ["owner", "member", null]},
                  "last_read_seq": {
                    "type": ["integer", "null"],
                    "format": "int64",
                    "description": "How far the caller has read; null for who is no member."
                  },
                  "unread": {"type": ["integer", "null"], "format": "int64"}
                }
              },
              "Membership": {
                "type": "object",
                "required": ["room_id", "user_id", "role", "joined_at"],
                "properties": {
                  "room_id": {"type": "integer", "format": "int64"},
                  "user_id": {"type": "integer", "format": "int64"},
                  "role": {"type": "string", "enum": ["owner", "member"]},
                  "joined_at": {"type": "string", "format": "date-time"}
                }
              },
              "Member": {
                "type": "object",
                "required": ["user_id", "username", "role", "joined_at", "online"],
                "properties": {
                  "user_id": {"type": "integer", "format": "int64"},
                  "username": {"type": "string"},
                  "role": {"type": "string", "enum": ["owner", "member"]},
                  "joined_at": {"type": "string", "format": "date-time"},
                  "online": {"type": "boolean"}
                }
              },
              "Message": {
                "type": "object",
                "required": ["room_id", "id", "seq", "user_id", "username", "content", "client_msg_id", "created_at"],
                "properties": {
                  "room_id": {"type": "integer", "format": "int64"},
                  "id": {"type": "integer", "format": "int64"},
                  "seq": {"type": "integer", "format": "int64"},
                  "user_id": {"type": "integer", "format": "int64"},
                  "username": {"type": "string"},
                  "content": {"type": "string"},
                  "client_msg_id": {"type": "string"},
                  "created_at": {"type": "string", "format": "date-time"}
                }
              },
              "Invitation": {
                "type": "object",
                "required": ["code", "room_id", "max_uses", "uses", "expires_at", "created_at"],
                "properties": {
                  "code": {"type": "string"},
                  "room_id": {"type": "integer", "format": "int64"},
                  "max_uses": {"type": ["integer", "null"]},
                  "uses": {"type": "integer", "format": "int64"},
                  "expires_at": {"type": ["string", "null"], "format": "date-time"},
                  "created_at": {"type": "string", "format": "date-time"}
                }
              },
              "Health": {
                "type": "object",
                "required": ["status", "checks"],
                "properties": {
                  "status": {"type": "string"},
                  "checks": {
                    "type": "object",
                    "required": ["store", "broker", "draining"],
                    "properties": {
                      "store": {"type": "string"},
                      "broker": {"type": "string"},
                      "draining": {"type": "string"}
                    }
                  }
                }
              }
            }
          }
        }
        """#
}
