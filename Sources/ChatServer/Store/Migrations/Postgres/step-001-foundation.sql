-- Accounts, rooms and messages. Ids come from sequences and rise with time; the order inside a room is seq's alone.

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username varchar(50) NOT NULL,
    password varchar(255) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_by_username ON users (lower(username) COLLATE "C");

CREATE TABLE sessions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE refresh_tokens (
    digest bytea PRIMARY KEY,
    session_id bigint NOT NULL REFERENCES sessions (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_at timestamptz,
    successor bytea
);

-- Each stored message updates its room: pages have room for the new version of a row beside the old one, and dead
-- versions are cleared away early.
CREATE TABLE rooms (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name varchar(100) NOT NULL,
    is_private boolean NOT NULL DEFAULT false,
    access_code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seq bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);

CREATE TABLE memberships (
    room_id bigint NOT NULL REFERENCES rooms (id),
    user_id bigint NOT NULL REFERENCES users (id),
    role text NOT NULL CHECK (role IN ('owner', 'member')),
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id, room_id);

CREATE TABLE invitations (
    code text PRIMARY KEY,
    room_id bigint NOT NULL REFERENCES rooms (id),
    creator_id bigint NOT NULL REFERENCES users (id),
    max_uses bigint,
    uses bigint NOT NULL DEFAULT 0,
    expires_at timestamptz,
    created_at timestamptz NOT NULL
);

CREATE SEQUENCE messages_id_seq;

CREATE TABLE messages (
    id bigint NOT NULL DEFAULT nextval('messages_id_seq'),
    room_id bigint NOT NULL REFERENCES rooms (id),
    user_id bigint NOT NULL REFERENCES users (id),
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    seq bigint NOT NULL,
    client_msg_id varchar(64) NOT NULL,
    PRIMARY KEY (room_id, seq),
    UNIQUE (room_id, user_id, client_msg_id)
) PARTITION BY HASH (room_id);
ALTER SEQUENCE messages_id_seq OWNED BY messages.id;

DO $$
BEGIN
    FOR remainder IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE messages_%s PARTITION OF messages FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            lpad(remainder::text, 2, '0'), remainder);
    END LOOP;
END
$$;

CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);
INSERT INTO meta (key, value) VALUES ('epoch', replace(gen_random_uuid()::text, '-', ''));

-- Stores a batch, in one round trip. Its rooms are locked in the order of their ids, so that two batches never wait
-- for each other in a circle; what is read after the lock is read by a statement of its own, which sees what the
-- holders before committed. A place of the batch whose room does not exist has no row in the answer.
CREATE FUNCTION append_messages(
    p_rooms bigint[], p_users bigint[], p_client_msg_ids text[], p_contents text[], p_now timestamptz
) RETURNS TABLE (place bigint, id bigint, seq bigint, created_at timestamptz, is_duplicate boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM rooms r WHERE r.id = ANY (p_rooms) ORDER BY r.id FOR NO KEY UPDATE;

    RETURN QUERY
    WITH input AS (
        SELECT t.*, r.last_seq
        FROM unnest(p_rooms, p_users, p_client_msg_ids, p_contents)
            WITH ORDINALITY AS t (room_id, user_id, client_msg_id, content, place)
        JOIN rooms r ON r.id = t.room_id
    ),
    known AS (
        SELECT DISTINCT m.room_id, m.user_id, m.client_msg_id, m.id, m.seq, m.created_at
        FROM input i
        JOIN messages m
            ON m.room_id = i.room_id AND m.user_id = i.user_id AND m.client_msg_id = i.client_msg_id
    ),
    fresh AS (
        SELECT f.*, f.last_seq + row_number() OVER (PARTITION BY f.room_id ORDER BY f.place) AS seq
        FROM (
            SELECT DISTINCT ON (i.room_id, i.user_id, i.client_msg_id) i.*
            FROM input i
            WHERE NOT EXISTS (
                SELECT 1 FROM known k
                WHERE k.room_id = i.room_id AND k.user_id = i.user_id AND k.client_msg_id = i.client_msg_id
            )
            ORDER BY i.room_id, i.user_id, i.client_msg_id, i.place
        ) f
    ),
    stored AS (
        INSERT INTO messages AS m (room_id, seq, user_id, client_msg_id, content, created_at)
        SELECT f.room_id, f.seq, f.user_id, f.client_msg_id, f.content, p_now FROM fresh f ORDER BY f.place
        RETURNING m.room_id, m.user_id, m.client_msg_id, m.id, m.seq, m.created_at
    ),
    advanced AS (
        UPDATE rooms r SET last_seq = h.seq
        FROM (SELECT f.room_id, max(f.seq) AS seq FROM fresh f GROUP BY f.room_id) h
        WHERE r.id = h.room_id
    )
    SELECT i.place, a.id, a.seq, a.created_at, f.place IS DISTINCT FROM i.place
    FROM input i
    JOIN (SELECT * FROM stored UNION ALL SELECT * FROM known) a
        ON a.room_id = i.room_id AND a.user_id = i.user_id AND a.client_msg_id = i.client_msg_id
    LEFT JOIN fresh f ON f.room_id = i.room_id AND f.place = i.place
    ORDER BY i.place;
END
$$;
