import Foundation

/// A small process that ends a stack when this program ends without having done so, however it ended.
///
/// It waits at the end of a pipe that only this program holds. When the pipe closes it stops what the folder's records
/// name, and removes the folder; unless the folder's state says that the stack is to stay.
struct Keeper: Sendable {
    private let process: ChildProcess

    init(_ folder: StackFolder) throws {
        process = try ChildProcess(
            "keeper",
            executable: URL(fileURLWithPath: "/bin/sh"),
            arguments: ["-c", Self.script, "chatbench-keeper", folder.path],
            log: folder.logs.appendingPathComponent("keeper.log"),
            environment: ChildEnvironment.own
        )
    }

    /// The stack has been ended, or is to stay: the keeper has nothing to do any more.
    func release() async {
        process.closeInput()
        _ = try? await process.wait(timeout: .seconds(5))
    }

    /// `alive` goes before the records are read: a part that has not written its record by then does not start.
    private static let script = """
        folder=$1
        trap '' HUP INT TERM
        read -r end
        if [ ! -d "$folder" ] || [ -e "$folder/state.json" ]; then exit 0; fi
        field() { shift 19; started=$1; }
        same() {
            read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
            case "$stat" in *") Z "*) return 1 ;; esac
            field ${stat##*) }
            [ "$started" = "$2" ]
        }
        each() {
            left=0
            for record in "$folder"/parts/*; do
                read -r pid start signal 2>/dev/null <"$record" || continue
                same "$pid" "$start" || continue
                left=1
                case "$1" in
                    stop)
                        # A paused Postgres has paused sessions, in groups of their own.
                        for child in $(cat "/proc/$pid/task/$pid/children" 2>/dev/null); do kill -CONT "$child"; done
                        kill -CONT "$pid"; kill -"$signal" "$pid" ;;
                    kill) kill -KILL -"$pid"; kill -KILL "$pid" ;;
                esac
            done
        }
        rm -f "$folder/alive"
        each stop
        turn=0
        while each nothing; [ $left = 1 ] && [ $turn -lt 30 ]; do
            sleep 0.1
            turn=$((turn + 1))
        done
        each kill
        rm -rf "$folder" || rm -rf "$folder"
        """
}
