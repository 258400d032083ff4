import GRDB

/// The SQLite schema, as an ordered list; a step that has shipped is never edited.
enum SQLiteMigrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001-foundation") { db in try db.execute(sql: foundation) }
        migrator.registerMigration("003-rooms", foreignKeyChecks: .immediate) { db in try db.execute(sql: rooms) }
        return migrator
    }

    // Times are microseconds since the Unix epoch. AUTOINCREMENT: ids rise with time and are never given twice.
    private static let foundation = """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            username TEXT NOT NULL COLLATE NOCASE UNIQUE,
            password TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users(id),
            created_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) STRICT;
        CREATE TABLE refresh_tokens (
            digest BLOB PRIMARY KEY,
            session_id INTEGER NOT NULL REFERENCES sessions(id),
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            spent_at INTEGER,
            successor BLOB
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE rooms (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            is_private INTEGER NOT NULL DEFAULT 0,
            access_code TEXT,
            created_at INTEGER NOT NULL,
            last_seq INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE memberships (
            room_id INTEGER NOT NULL REFERENCES rooms(id),
            user_id INTEGER NOT NULL REFERENCES users(id),
            role TEXT NOT NULL,
            joined_at INTEGER NOT NULL,
            PRIMARY KEY (room_id, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX memberships_by_user ON memberships (user_id, room_id);
        CREATE TABLE invitations (
            code TEXT PRIMARY KEY,
            room_id INTEGER NOT NULL REFERENCES rooms(id),
            creator_id INTEGER NOT NULL REFERENCES users(id),
            max_uses INTEGER,
            uses INTEGER NOT NULL DEFAULT 0,
            expires_at INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            room_id INTEGER NOT NULL REFERENCES rooms(id),
            seq INTEGER NOT NULL,
            user_id INTEGER NOT NULL REFERENCES users(id),
            client_msg_id TEXT NOT NULL,
            content TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (room_id, seq),
            UNIQUE (room_id, user_id, client_msg_id)
        ) STRICT;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO meta (key, value) VALUES ('epoch', lower(hex(randomblob(8))));
        """

    // How far each member has read (whoever was one before: everything), and rooms that are deleted: gone for everybody
    // at once, and cleared away in batches.
    private static let rooms = """
        ALTER TABLE memberships ADD COLUMN last_read_seq INTEGER NOT NULL DEFAULT 0;
        UPDATE memberships SET last_read_seq = (SELECT last_seq FROM rooms WHERE id = room_id);
        ALTER TABLE rooms ADD COLUMN deleted_at INTEGER;
        CREATE INDEX rooms_public ON rooms (id) WHERE is_private = 0 AND deleted_at IS NULL;
        CREATE INDEX rooms_deleted ON rooms (id) WHERE deleted_at IS NOT NULL;
        CREATE INDEX invitations_by_room ON invitations (room_id, created_at DESC, code);
        """
}
