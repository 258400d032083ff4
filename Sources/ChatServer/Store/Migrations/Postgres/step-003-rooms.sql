-- How far each member has read, rooms that are deleted, and indexes for the lists.

-- Reading updates the row: its new version fits beside the old one, and the indexes stay as they are.
ALTER TABLE memberships SET (fillfactor = 85);
-- Whoever was a member before has read everything, as a new member has.
ALTER TABLE memberships ADD COLUMN last_read_seq bigint NOT NULL DEFAULT 0;
UPDATE memberships m SET last_read_seq = r.last_seq FROM rooms r WHERE r.id = m.room_id AND r.last_seq > 0;

-- A deleted room is gone for everybody at once; its messages are cleared away in batches, and then its row.
ALTER TABLE rooms ADD COLUMN deleted_at timestamptz;

CREATE INDEX rooms_public ON rooms (id) WHERE NOT is_private AND deleted_at IS NULL;
CREATE INDEX rooms_deleted ON rooms (id) WHERE deleted_at IS NOT NULL;
CREATE INDEX invitations_by_room ON invitations (room_id, created_at DESC, code);

-- As before, but nothing goes into a deleted room. A deletion locks the room's row too: a batch either comes before it,
-- or sees it.
CREATE OR REPLACE FUNCTION append_messages(
    p_rooms bigint[], p_users bigint[], p_client_msg_ids text[], p_contents text[], p_now timestamptz
) RETURNS TABLE (place bigint, id bigint, seq bigint, created_at timestamptz, is_duplicate boolean)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM rooms r WHERE r.id = ANY (p_rooms) ORDER BY r.id FOR NO KEY UPDATE;

    RETURN QUERY
    WITH input AS (
        SELECT t.*, r.last_seq
        FROM unnest(p_rooms, p_users, p_client_msg_ids, p_contents)
            WITH ORDINALITY AS t (room_id, user_id, client_msg_id, content, place)
        JOIN rooms r ON r.id = t.room_id AND r.deleted_at IS NULL
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
