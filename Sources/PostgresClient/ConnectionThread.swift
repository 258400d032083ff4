import Glibc
import Synchronization

/// A thread of its own for one actor: its jobs run there, one after the other, and may block.
///
/// `@unchecked Sendable`: `jobs` and `isStopped` are only touched with `mutex` held.
final class ConnectionThread: SerialExecutor, @unchecked Sendable {
    /// How many threads somebody's connections have now, those that are about to end included.
    final class Count: Sendable {
        fileprivate let value = Atomic(0)
        var current: Int { value.load(ordering: .relaxed) }
    }

    private static let stackBytes = 512 << 10

    private let count: Count
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var jobs: [UnownedJob] = []
    private var isStopped = false

    /// Starts the thread. It lives until ``stop()``, and has no name of its own: each thread that the runtime starts from
    /// it would inherit that.
    /// - Throws: ``PostgresError/unavailable(_:)`` if the system gives no thread.
    init(_ count: Count) throws(PostgresError) {
        self.count = count
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)

        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        count.value.add(1, ordering: .relaxed)
        let status = pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ConnectionThread>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            retained.toOpaque()
        )
        guard status == 0 else {
            count.value.subtract(1, ordering: .relaxed)
            retained.release()
            throw .unavailable("cannot start a thread: \(String(cString: strerror(status)))")
        }
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pthread_mutex_lock(mutex)
        jobs.append(job)
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// The thread ends when it has run what is queued. Only the actor's `deinit` may call this: after it there can be
    /// no further job.
    func stop() {
        pthread_mutex_lock(mutex)
        isStopped = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    private func run() {
        // The process's signals are for other threads. SIGPIPE among them: a write to a dead peer is an error here.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, nil)

        defer { count.value.subtract(1, ordering: .relaxed) }

        let executor = asUnownedSerialExecutor()
        var batch: [UnownedJob] = []
        while true {
            pthread_mutex_lock(mutex)
            while jobs.isEmpty && !isStopped { pthread_cond_wait(condition, mutex) }
            swap(&jobs, &batch)
            pthread_mutex_unlock(mutex)
            if batch.isEmpty { return }
            for job in batch { job.runSynchronously(on: executor) }
            batch.removeAll(keepingCapacity: true)
        }
    }
}
