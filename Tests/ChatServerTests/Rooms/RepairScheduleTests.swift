import NIOCore
import Testing

@testable import ChatServer

@Suite struct RepairScheduleTests {
    @Test func nothingToDo() {
        var schedule = RepairSchedule()
        #expect(schedule.plan(hole: nil) == nil)
        #expect(schedule.plan(hole: 3...4) == RepairSchedule.reorderWindow)
    }

    @Test func onceAtATime() {
        var schedule = RepairSchedule()
        #expect(schedule.plan(hole: 3...4) != nil)
        #expect(schedule.plan(hole: 3...9) == nil)
        schedule.closed()
        #expect(schedule.plan(hole: 3...9) == RepairSchedule.reorderWindow)
    }

    @Test func aPageAfterTheOtherAndEverSlowerWithoutSuccess() {
        var schedule = RepairSchedule()
        _ = schedule.plan(hole: 1...900)
        schedule.tried(isFruitful: true)
        #expect(schedule.plan(hole: 201...900) == .zero)
        var pauses: [Int64] = []
        for _ in 0..<8 {
            schedule.tried(isFruitful: false)
            pauses.append((schedule.plan(hole: 201...900)?.nanoseconds ?? -1) / 1_000_000)
        }
        #expect(pauses == [100, 200, 400, 800, 1600, 2000, 2000, 2000])
        schedule.tried(isFruitful: true)
        #expect(schedule.plan(hole: 401...900) == .zero)
        schedule.tried(isFruitful: true)
        #expect(schedule.plan(hole: nil) == nil)
        #expect(schedule.plan(hole: 999...999) == RepairSchedule.reorderWindow, "a new hole")
    }
}
