/// What the terminal shows for the sample comparison, and for a plan.
enum ComparisonGolden {
    static let wide = """

          small-rooms: nonsticky, sticky-room
          5 blocks each, interleaved · seed 1 · 2026-11-23T23:30:00.000000Z

          sticky-room against nonsticky
          Faster: deliver p50; cheaper: servers' cpu; worse: fullest instance/mean; lower: across instances; no difference
          detected in 3 of 7 metrics.

                                        nonsticky      sticky-room  difference                               p       n
          deliver p50               1.21 ms ±  3%    1.00 ms ±  3%  -17.4% [-21.1%, -14.9%] faster           0.008   5
          deliver p99               4.40 ms ± 11%    4.40 ms ±  9%  ~ [-13.0%, +14.6%] (23.5% would show)    0.976   5
          deliveries               10,000/s ±  0%   10,000/s ±  0%  ~ [0%, 0%]                               1.000   5
          across instances              50% ±  0%         0%        -100.0% [-100.0%, -100.0%] lower         0.008   5
          fullest instance/mean           1 ±  0%       1.13 ±  2%  +13.0% [+12.0%, +15.0%] worse            0.008   5
          servers' cpu               7.50 s ±  3%     5.10 s ±  4%  -32.0% [-33.8%, -28.8%] cheaper          0.008   5
          redis memory              9.10 MB ±  2%    9.10 MB ±  1%  ~ [-2.2%, +1.1%] (3% would show)         0.722   5

          Medians over the blocks, ± the reach of their 95% intervals; differences with 95% bootstrap intervals. p is adjusted
          for all metrics of a table (step-down permutation test). ~ no difference detected; after it the smallest difference
          that these blocks would have shown four times in five.

          MODEL                                               expected      measured
            nonsticky         across instances                     50%           50%
            sticky-room       across instances                      0%             –

          · 1 of 11 runs were void (the generator was the bottleneck) and count for nothing

          Results in bench-results/compare


        """

    static let narrow = """

          small-rooms: nonsticky, sticky-room
          5 blocks each, interleaved · seed 1 · 2026-11-23T23:30:00.000000Z

          sticky-room against nonsticky
          Faster: deliver p50; cheaper: servers' cpu; worse: fullest instance/mean;
          lower: across instances; no difference detected in 3 of 7 metrics.

                                        nonsticky      sticky-room  difference
          deliver p50               1.21 ms ±  3%    1.00 ms ±  3%  -17.4% faster
          deliver p99               4.40 ms ± 11%    4.40 ms ±  9%  ~ (23.5% would show)
          deliveries               10,000/s ±  0%   10,000/s ±  0%  ~
          across instances              50% ±  0%         0%        -100.0% lower
          fullest instance/mean           1 ±  0%       1.13 ±  2%  +13.0% worse
          servers' cpu               7.50 s ±  3%     5.10 s ±  4%  -32.0% cheaper
          redis memory              9.10 MB ±  2%    9.10 MB ±  1%  ~ (3% would show)

          Medians over the blocks, ± the reach of their 95% intervals; differences with
          95% bootstrap intervals. p is adjusted for all metrics of a table (step-down
          permutation test). ~ no difference detected; after it the smallest difference
          that these blocks would have shown four times in five.

          MODEL                                               expected      measured
            nonsticky         across instances                     50%           50%
            sticky-room       across instances                      0%             –

          · 1 of 11 runs were void (the generator was the bottleneck) and count for
          nothing


        """

    static let plan = """

          steady-rooms
          1,000 clients in 50 rooms of 20 members on average, 20 at most

          any instance (even placement)
          instances      across broker/publish  subscriptions        fullest/mean
                  2       47.5%           2.00           50.0         1.00 (1.00)
                  4       71.3%           3.99           49.9         1.00 (1.00)
                  8       83.2%           7.46           46.6         1.00 (1.00)
                 16       89.2%          11.66           36.4         1.01 (1.01)

          client stickiness (hash of the client)
          instances      across broker/publish  subscriptions        fullest/mean
                  2       46.1%           2.00           50.0         1.13 (1.34)
                  4       70.2%           3.97           49.6         1.26 (1.52)
                  8       82.5%           7.33           45.8         1.39 (1.70)
                 16       88.7%          11.39           35.6         1.54 (1.87)

          room affinity (hash of the first room)
          instances      across broker/publish  subscriptions        fullest/mean
                  2          0%           1.00             25         1.16 (1.40)
                  4          0%           1.00           12.5         1.36 (1.76)
                  8          0%           1.00           6.25         1.76 (2.40)
                 16          0%           1.00           3.12         2.24 (3.20)

          ASSUMES
            · every client is connected, each is as likely to send as the others, and equally to
              each of its rooms
            · a sender gets its own message on its own connection, which is never across: a room
              of m members crosses at most (m - 1)/m
            · an instance subscribes to a room while it has a member of it; broker messages
              count those to the origin, too
            · even: each instance holds the same number of clients, and rooms do not matter to
              who is where
            · by hash: HAProxy's consistent hash with 16 points an instance, so that the arcs,
              and with them the load, differ
            · room affinity: a client is placed by its first room; its other rooms may lie
              elsewhere
            · a cookie places as its balancer places a client without one: see even placement
              (HAProxy deals in turn); it changes what happens at reconnects, not these figures
            · fullest/mean: the median over simulated placements, and in parentheses what one in
              20 exceeds
            · nothing here says what a crossing costs: measure that with LoadGen compare


        """
}
