namespace ServerlessImages.Webhooks;

/// <summary>When a delivery is attempted. Source: Standard Webhooks 1.0, "Deliverability and reliability".</summary>
public static class DeliverySchedule
{
    /// <summary>So that what failed together does not come back together.</summary>
    private const double JitterMax = 0.1;

    /// <summary>After the first attempt, which is made at once; each after the one before.</summary>
    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    public static int AttemptsMax => Delays.Length + 1;

    /// <param name="attempts">How many were made, from 1 on.</param>
    /// <returns>How long after the last one, with up to a tenth more; null if that was the last.</returns>
    public static TimeSpan? DelayAfter(int attempts, IEntropy entropy) =>
        attempts < AttemptsMax ? Delays[attempts - 1] * (1 + (JitterMax * entropy.NextFraction())) : null;
}
