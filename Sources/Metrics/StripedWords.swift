import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A few 64-bit words, kept once a stripe. A thread adds to the stripe it was given, and a reader sums the stripes.
///
/// Event loops that count the same thing would otherwise pass one cache line to and fro for every message.
///
/// `@unchecked Sendable`: no stored property changes between `init` and `deinit`, nor does the number of stripes, and
/// everything that `base` points at is an `Atomic`, touched by atomic operations alone.
struct StripedWords: ~Copyable, @unchecked Sendable {
    private let base: UnsafeMutablePointer<Atomic<Int64>>
    private let wordsPerStripe: Int
    /// A copy: a global's lazy initialisation would be checked at each use.
    private let threadKey: pthread_key_t

    /// Zeroed words; `words` is how many each stripe holds.
    init(words: Int) {
        // Two lines of 64 bytes, since x86 prefetches them in pairs.
        let wordsPerLine = 128 / MemoryLayout<Atomic<Int64>>.stride
        self.wordsPerStripe = (words + wordsPerLine - 1) / wordsPerLine * wordsPerLine
        self.threadKey = ThreadStripe.key
        let total = self.wordsPerStripe * ThreadStripe.count
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: total * MemoryLayout<Atomic<Int64>>.stride,
            alignment: 128
        )
        self.base = memory.bindMemory(to: Atomic<Int64>.self, capacity: total)
        for index in 0..<total {
            (self.base + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        self.base.deinitialize(count: self.wordsPerStripe * ThreadStripe.count)
        UnsafeMutableRawPointer(self.base).deallocate()
    }

    /// The calling thread's stripe, to be given to `add(_:to:stripe:)`.
    @inline(__always)
    var stripe: Int { ThreadStripe.current(self.threadKey) &* self.wordsPerStripe }

    @inline(__always)
    func add(_ amount: Int64, to word: Int, stripe: Int) {
        self.base[stripe &+ word].wrappingAdd(amount, ordering: .relaxed)
    }

    /// The word's sum over all stripes. What other threads add meanwhile may or may not be in it.
    func sum(of word: Int) -> Int64 {
        var total: Int64 = 0
        for stripe in 0..<ThreadStripe.count {
            total &+= self.base[stripe &* self.wordsPerStripe &+ word].load(ordering: .relaxed)
        }
        return total
    }

    func reset() {
        for index in 0..<(self.wordsPerStripe * ThreadStripe.count) {
            self.base[index].store(0, ordering: .relaxed)
        }
    }
}

/// Deals stripes to threads, in turn, at a thread's first use of a cell.
enum ThreadStripe {
    /// A power of two, at least the number of processors (up to 32), so that as many event loops never share a stripe.
    static let count: Int = {
        let processors = min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1), 32)
        var stripes = 2
        while stripes < processors { stripes *= 2 }
        return stripes
    }()

    static let key: pthread_key_t = {
        var key = pthread_key_t()
        // Without a key every lookup reads nil, and each use takes the next stripe: correct, only slower.
        _ = pthread_key_create(&key, nil)
        return key
    }()

    private static let next = Atomic<Int>(0)

    /// The calling thread's stripe: 0 ..< `count`. `key` is `ThreadStripe.key`.
    @inline(__always)
    static func current(_ key: pthread_key_t) -> Int {
        let stored = Int(bitPattern: pthread_getspecific(key))
        return stored > 0 ? stored &- 1 : self.assign()
    }

    @inline(never)
    private static func assign() -> Int {
        let stripe = self.next.wrappingAdd(1, ordering: .relaxed).oldValue & (self.count - 1)
        // Stored one higher: nil is what an unknown thread reads.
        pthread_setspecific(self.key, UnsafeRawPointer(bitPattern: stripe + 1))
        return stripe
    }
}
