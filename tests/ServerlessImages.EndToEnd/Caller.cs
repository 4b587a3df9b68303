using System.Globalization;

namespace ServerlessImages.EndToEnd;

/// <summary>
/// One caller of many, who orders without end and remembers what the answers said. As in life: some name their orders with a key and send them until they know,
/// some twice at once; some hang up, and send again or not; some would rather come back for the images, and some of them change their minds; some orders fail upstream.
/// </summary>
/// <param name="jobsPercent">How many of the orders are jobs. One that the upstream fails at is tried again for a minute: of those there are none.</param>
internal sealed class Caller(int number, int seed, IReadOnlyList<Customer> customers, Instances instances, Calls calls, int jobsPercent = 0)
{
    /// <summary>A key whose owner was killed stays taken until its hold expires, which a caller need not wait for: the test does, at the end.</summary>
    private const int KeyedAttemptsMax = 6;

    /// <summary>Nor for a job whose worker was killed.</summary>
    private const int LooksMax = 6;

    private readonly Random random = new(HashCode.Combine(seed, number));

    public List<Order> Orders { get; } = [];

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var order = NextOrder();
            Orders.Add(order);
            await (order.IsKeyed ? OrderWithKeyAsync(order) : OrderWithoutKeyAsync(order));
            foreach (var job in order.Jobs) await FollowAsync(order, job, stop);
        }
    }

    private Order NextOrder()
    {
        var isJob = random.Next(100) < jobsPercent;
        return new(
            string.Create(CultureInfo.InvariantCulture, $"o{number}-{Orders.Count}"),
            customers[random.Next(customers.Count)],
            IsKeyed: random.Next(100) < 50,
            Images: random.Next(100) < 10 ? 2 : 1,
            Steer: random.Next(100) switch { < 3 when !isJob => "[500]", < 5 => "[moderated]", < 15 when isJob => "[moderated]", _ => "" })
        {
            IsJob = isJob,
            IsEdit = isJob && random.Next(100) < 30,
        };
    }

    private async Task OrderWithKeyAsync(Order order)
    {
        for (var attempt = 0; attempt < KeyedAttemptsMax && order.IsOpen; attempt++)
        {
            var patience = random.Next(100) < 15 ? Moment() : Timeout.InfiniteTimeSpan;
            await (random.Next(100) < 10 ? Task.WhenAll(SendAsync(order, patience), SendAsync(order, patience)) : SendAsync(order, patience));
            if (order.IsOpen) await Task.Delay(Moment());
        }
    }

    private async Task OrderWithoutKeyAsync(Order order)
    {
        await SendAsync(order, random.Next(100) < 25 ? Moment() : Timeout.InfiniteTimeSpan);
        if (order.IsOpen && random.Next(100) < 70) await SendAsync(order, Timeout.InfiniteTimeSpan);
    }

    /// <summary>As long as a request takes, more or less.</summary>
    private TimeSpan Moment() => TimeSpan.FromMilliseconds(random.Next(20, 500));

    private async Task SendAsync(Order order, TimeSpan patience)
    {
        using var hangUp = new CancellationTokenSource(patience);
        await calls.SendAsync(instances.Any(random), order, order.IsJob, hangUp.Token);
    }

    private async Task FollowAsync(Order order, string job, CancellationToken stop)
    {
        if (random.Next(100) < 30) await calls.AskAsync(HttpMethod.Delete, instances.Any(random), order, job);
        for (var looks = 0; looks < LooksMax && !order.Ends.Any(end => end.Job == job) && !stop.IsCancellationRequested; looks++)
        {
            await Task.Delay(Moment(), CancellationToken.None);
            await calls.AskAsync(HttpMethod.Get, instances.Any(random), order, job);
        }
    }
}
