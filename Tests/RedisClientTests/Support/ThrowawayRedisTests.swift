import Foundation
import Testing

@testable import TestSupport

struct ThrowawayRedisTests {
    @Test func `a missing program is an error that names its package`() {
        #expect {
            try ThrowawayRedis.program("redis-nonesuch", package: "redis-server")
        } throws: { error in
            "\(error)" == "redis-nonesuch is missing; install it with: apt-get install redis-server"
        }
    }
}
