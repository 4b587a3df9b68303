namespace ServerlessImages.Ledger;

/// <summary>
/// The partition of the table <c>ledger</c> in which an account's money lives: <c>{account}</c>, or <c>{account}-test</c> for test keys,
/// whose play money never meets revenue.
/// </summary>
public readonly record struct LedgerPartition(string Account, bool Livemode)
{
    private const string TestSuffix = "-test";

    public string Key => Livemode ? Account : Account + TestSuffix;

    public static LedgerPartition Parse(string key) =>
        key.EndsWith(TestSuffix, StringComparison.Ordinal) ? new(key[..^TestSuffix.Length], false) : new(key, true);

    public override string ToString() => Key;
}
