/// What the terminal shows for the sample runs, at 88 columns.
enum TerminalGolden {
    static let pass = """

          steady-rooms on embedded
          20.0 s measured · sqlite 3.40.1, memory · seed 1

          THRESHOLDS
            ✓ deliver.p99 < 250ms ..... 3.10 ms
            ✓ ack.p99 < 100ms ......... 2.40 ms
            ✓ integrity.lost == 0 ..... 0

          INTEGRITY   every message at every receiver, then the store
            ✓ lost .................... 0
            ✓ duplicated .............. 0
            ✓ out of order ............ 0
            ✓ unacked ................. 0
            ✓ unexpected .............. 0
            ✓ store missing ........... 0

          LATENCY                            p50       p90       p99     p99.9       max
            connect ..................   1.80 ms   5.70 ms   9.60 ms   19.2 ms   38.4 ms
            ack ......................    620 µs   1.51 ms   2.40 ms   4.80 ms   9.60 ms
              uncorrected ............    600 µs   1.49 ms   2.38 ms   4.76 ms   9.52 ms
            deliver ..................    890 µs   2.00 ms   3.10 ms   6.20 ms   12.4 ms
              uncorrected ............    880 µs   1.99 ms   3.09 ms   6.18 ms   12.4 ms
            last receiver ............   1.10 ms   2.50 ms   3.90 ms   7.80 ms   15.6 ms
            Latency counts from the instant a message was planned; "uncorrected" from when it
            was sent. Here they agree: sends were on time.

          MESSAGES
            offered ................... 10,000        500/s
            sent ...................... 10,000        500/s
            acked ..................... 10,000        500/s
            persisted ................. 10,000        500/s
            delivered ................. 200,000       10,000/s
              expected ................ 200,000

          CLIENTS
            connected ................. 1,000 of 1,000
            disconnected .............. 0
            reconnected ............... 0

          GENERATOR   kept up with its schedule
            schedule lag .............. p50 21.0 µs, p99 180 µs, max 720 µs
            cpu ....................... 3.21 s
            memory .................... 45.2 MB, 5.30 KB a client

          SERVERS                           cpu    memory  connections   deliveries
            a                            7.40 s   61.0 MB        1,000      200,000

          ✓ PASS: all 3 thresholds hold, and 200,000 deliveries arrived once each, in order.
          Results in bench-results/run


        """

    static let void = """

          ✗✗✗  VOID: the generator was the bottleneck  ✗✗✗

          steady-rooms on sticky-room
          20.0 s measured · sqlite 3.40.1, memory · seed 1

          THRESHOLDS
            none set: nothing in this run could fail but its integrity

          INTEGRITY   every message at every receiver, then the store
            ✓ lost .................... 0
            ✓ duplicated .............. 0
            ✓ out of order ............ 0
            ✓ unacked ................. 0
            ✓ unexpected .............. 0
            ✓ store missing ........... 0

          LATENCY                            p50       p90       p99     p99.9       max
            connect ..................   1.80 ms   5.70 ms   9.60 ms   19.2 ms   38.4 ms
            ack ......................    620 µs   1.51 ms   2.40 ms   4.80 ms   9.60 ms
              uncorrected ............    600 µs   1.49 ms   2.38 ms   4.76 ms   9.52 ms
            deliver ..................   2.20 ms   27.1 ms   52.0 ms    104 ms    208 ms
              uncorrected ............    880 µs   1.99 ms   3.09 ms   6.18 ms   12.4 ms
            last receiver ............   1.10 ms   2.50 ms   3.90 ms   7.80 ms   15.6 ms
            Latency counts from the instant a message was planned; "uncorrected" from when it
            was sent. At deliver's p99 they differ by 48.9 ms: time that messages waited to be
            sent, which the uncorrected figure hides.

          STAGES   mean of the traced messages, one stage after the other, and its p99
            send      │████████                                │    231 µs    900 µs
            persist   │        ███████████████████             │    528 µs   1.90 ms
            publish   │                          ████          │   88.0 µs    300 µs
            broker    │                             █████      │    121 µs    420 µs
            deliver   │                                 ███████│    176 µs    800 µs
            in all                                                 1.14 ms

          MESSAGES
            offered ................... 10,000        500/s
            sent ...................... 10,000        500/s
            acked ..................... 10,000        500/s
            persisted ................. 10,000        500/s
            delivered ................. 200,000       10,000/s
              expected ................ 200,000

          CLIENTS
            connected ................. 1,000 of 1,000
            disconnected .............. 0
            reconnected ............... 0

          GENERATOR
            ✗ VOID: lag p99 was 48.0 ms, more than 10 ms
            schedule lag .............. p50 1.10 ms, p99 48.0 ms, max 192 ms
            cpu ....................... 3.21 s
            memory .................... 45.2 MB, 5.30 KB a client

          SERVERS                           cpu    memory  connections   deliveries
            a                            7.40 s   61.0 MB        1,000      200,000

          ✗ VOID: the generator was the bottleneck (lag p99 was 48.0 ms, more than 10 ms).
            These figures measure the generator, not the server: do not use them. (exit status
            96)
          Results in bench-results/run


        """

    static let lossy = """

          ✗✗✗  FAILED: messages were not delivered as promised  ✗✗✗

          steady-rooms on embedded
          20.0 s measured · sqlite 3.40.1, memory · seed 1

          THRESHOLDS
            ✗ ack.p99 < 1ms ........... 2.40 ms
            ✗ stage_send.p99 < 1s ..... –
                stage_send has no samples: nothing was measured
            ✗ integrity.lost == 0 ..... 4

          INTEGRITY   every message at every receiver, then the store
            ✗ lost .................... 4
            ✓ duplicated .............. 0
            ✗ out of order ............ 1
            ✓ unacked ................. 0
            ✓ unexpected .............. 0
            ✓ store missing ........... 0
              · room 7: seq 41 came after seq 42 at client 113 (instance b)

          LATENCY                            p50       p90       p99     p99.9       max
            connect ..................   1.80 ms   5.70 ms   9.60 ms   19.2 ms   38.4 ms
            ack ......................    620 µs   1.51 ms   2.40 ms   4.80 ms   9.60 ms
              uncorrected ............    600 µs   1.49 ms   2.38 ms   4.76 ms   9.52 ms
            deliver ..................    890 µs   2.00 ms   3.10 ms   6.20 ms   12.4 ms
              uncorrected ............    880 µs   1.99 ms   3.09 ms   6.18 ms   12.4 ms
              same instance ..........    700 µs   1.35 ms   2.00 ms   4.00 ms   8.00 ms
              across instances .......    990 µs   2.15 ms   3.30 ms   6.60 ms   13.2 ms
            last receiver ............   1.10 ms   2.50 ms   3.90 ms   7.80 ms   15.6 ms
            Latency counts from the instant a message was planned; "uncorrected" from when it
            was sent. Here they agree: sends were on time.

          MESSAGES
            offered ................... 10,000        500/s
            sent ...................... 10,000        500/s
            unsent .................... 3
            rejected by the server .... 12
            acked ..................... 10,000        500/s
            persisted ................. 10,000        500/s
            delivered ................. 199,996       10,000/s
              expected ................ 200,000
              across instances ........ 50%

          CLIENTS
            connected ................. 998 of 1,000
            failed .................... 2
              connection refused ...... 1
              upgrade timed out ....... 1
            disconnected .............. 5
            reconnected ............... 5

          ERRORS FROM THE SERVER
            rate_limited .............. 11
            not_joined ................ 1

          GENERATOR   kept up with its schedule
            schedule lag .............. p50 21.0 µs, p99 180 µs, max 720 µs
            cpu ....................... 3.21 s
            memory .................... 45.2 MB, 5.30 KB a client

          SERVERS                           cpu    memory  connections   deliveries
            a                            7.40 s   61.0 MB        1,000      200,000

          ✗ FAILED: messages were not delivered as promised: 4 lost, 1 out of order. (exit
            status 97)
          ✗ also: 3 of 3 thresholds broken: ack.p99 < 1ms; stage_send.p99 < 1s; integrity.lost
            == 0.
          Results in bench-results/run


        """
}
