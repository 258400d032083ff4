import Foundation
import Testing

@testable import ChatServer

/// How many cores a process may use, as /proc/pid/status says it.
@Suite struct CoresTests {
    @Test(arguments: [
        ("Name:\tx\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n", 2),
        ("Cpus_allowed:\tffffffff,0000000f\n", 36),
        ("Cpus_allowed:\t00000000,00000001\n", 1),
    ])
    func theMaskIsCounted(status: String, count: Int) {
        #expect(Cores.allowed(status) == count)
    }

    @Test(arguments: ["", "Cpus_allowed_list:\t0-1\n", "Cpus_allowed:\t\n", "Cpus_allowed:\tall\n"])
    func whatIsNoMaskSaysNothing(status: String) {
        #expect(Cores.allowed(status) == nil)
    }

    @Test func thereIsAlwaysOne() {
        #expect((1...ProcessInfo.processInfo.activeProcessorCount).contains(Cores.usable))
    }
}
