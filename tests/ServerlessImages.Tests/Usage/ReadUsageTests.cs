using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Tests.Usage;

/// <summary>Reports add up what was charged by any grouping, and each grouping to the same total.</summary>
public sealed class ReadUsageTests
{
    private static readonly UsageDimension Team = UsageDimension.Tag("team");
    private readonly UsageFixture fixture = new();

    public static TheoryData<UsageBucket, string> Groupings =>
    [
        .. from bucket in Enum.GetValues<UsageBucket>()
           from groups in (string[])["", "model", "quality", "key", "end_user", "tag:team", "tag:nobody", "model,quality,key,end_user,tag:team,tag:stage"]
           select new TheoryDataRow<UsageBucket, string>(bucket, groups),
    ];

    [Theory]
    [MemberData(nameof(Groupings))]
    public async Task Any_grouping_is_that_of_the_entries(UsageBucket bucket, string groups)
    {
        await fixture.MixAsync(11, 60);
        fixture.Books.Clock.Advance(TimeSpan.FromDays(8));
        await fixture.MixAsync(12, 60);
        UsageDimension[] groupBy = [.. groups.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(name => UsageDimension.TryParse(name, out var dimension) ? dimension : throw new ArgumentException(name, nameof(groups)))];

        var report = await fixture.ReportAsync(bucket, groupBy);

        var charges = (await fixture.EntriesAsync()).Where(entry => entry.IsCharge).ToArray();
        var expected = charges.GroupBy(entry => (StartOf(bucket, entry.Hour), string.Join('|', groupBy.Select(dimension => ValueOf(dimension.Name, entry)))))
            .ToDictionary(group => group.Key, group => group.Select(UsageSums.Of).Aggregate((sum, next) => sum + next));
        Assert.Equal(expected, report.Lines.ToDictionary(line => (line.Start.Start, string.Join('|', line.Values)), line => line.Sums));
        Assert.Equal(report.Lines.Select(line => line.Start), report.Lines.Select(line => line.Start).Order());
        Assert.Equal(charges.Select(UsageSums.Of).Aggregate((sum, next) => sum + next), report.Total);
        Assert.Equal((await fixture.Books.BalanceAsync()).Settled, report.Total.Amount);
    }

    [Fact]
    public async Task Lines_stand_by_start_and_then_by_their_groups_and_absence_comes_first()
    {
        await fixture.Books.GrantAsync(1_000);
        foreach (var team in (string[])["red", "", "blue"]) await fixture.ChargeAsync(10, Tagged(team));
        fixture.Books.Clock.Advance(TimeSpan.FromHours(1));
        await fixture.ChargeAsync(10, Tagged("blue"));

        var report = await fixture.ReportAsync(UsageBucket.Hour, Team);

        Assert.Equal([(12, ""), (12, "blue"), (12, "red"), (13, "blue")], report.Lines.Select(line => (line.Start.Start.Hour, line.Values[0])));
    }

    [Fact]
    public async Task What_credit_paid_is_told_from_what_is_invoiced()
    {
        await fixture.Books.GrantAsync(100);
        await fixture.Books.Ledger.SetLimitAsync(Sample.Partition, new(1_000));
        foreach (var charge in (long[])[80, 60, 15]) await fixture.ChargeAsync(charge);

        var report = await fixture.ReportAsync(UsageBucket.All, UsageDimension.Rail);

        Assert.Equal([("postpaid", 60), ("prepaid", 95)], report.Lines.Select(line => (line.Values[0], line.Sums.Amount.Micros)));
    }

    [Fact]
    public async Task Filters_leave_only_what_fits_all_of_them()
    {
        await fixture.MixAsync(12, 100);
        var query = new UsageQuery(UsageFixture.From, UsageFixture.To, UsageBucket.All, [], [new(UsageDimension.EndUser, "bob"), new(Team, "red"), new(UsageDimension.Key, "key_a")]);
        var withoutTeam = new UsageQuery(UsageFixture.From, UsageFixture.To, UsageBucket.All, [], [new(Team, "")]);

        var report = (await fixture.ReadAsync(query)).Value();
        var charges = (await fixture.EntriesAsync()).Where(entry => entry.IsCharge).ToArray();

        Assert.Equal(Sum(charges.Where(entry => entry.Request!.Summary is { EndUser: "bob", KeyId: "key_a" } && entry.Request.Summary.Tags.Contains("\"red\"", StringComparison.Ordinal))), report.Total);
        Assert.Equal(Sum(charges.Where(entry => !entry.Request!.Summary.Tags.Contains("team", StringComparison.Ordinal))), (await fixture.ReadAsync(withoutTeam)).Value().Total);
    }

    [Fact]
    public async Task Only_the_hours_asked_for_are_in_it_and_a_bucket_says_which()
    {
        await fixture.Books.GrantAsync(1_000);
        for (var hour = 0; hour < 4; hour++)
        {
            await fixture.ChargeAsync(10);
            fixture.Books.Clock.Advance(TimeSpan.FromHours(1));
        }

        var from = LedgerHour.Of(Sample.Now.AddHours(1));
        var to = LedgerHour.Of(Sample.Now.AddHours(3));
        var report = (await fixture.ReadAsync(new(from, to, UsageBucket.Month, [], []))).Value();

        Assert.Equal([(from, to, new Money(20))], report.Lines.Select(line => (line.Start, line.End, line.Sums.Amount)));
    }

    [Fact]
    public async Task Hours_are_answered_for_31_days_at_most()
    {
        var most = new UsageQuery(new(1_000), new(1_000 + (31 * 24)), UsageBucket.Hour, [], []);

        Assert.Empty((await fixture.ReadAsync(most)).Value().Lines);
        Assert.Equal("usage_too_large", (await fixture.ReadAsync(most with { To = new(most.To.Number + 1) })).Error().Code);
    }

    private static RequestSummary Tagged(string team) => Sample.Summary() with { Tags = team.Length == 0 ? "{}" : RequestSummary.TagsJson(new Dictionary<string, string> { ["team"] = team }) };

    private static UsageSums Sum(IEnumerable<LedgerEntry> charges) => charges.Select(UsageSums.Of).Aggregate(UsageSums.None, (sum, next) => sum + next);

    private static DateTimeOffset StartOf(UsageBucket bucket, LedgerHour hour) => bucket switch
    {
        UsageBucket.Hour => hour.Start,
        UsageBucket.Day => new(hour.Start.Date, TimeSpan.Zero),
        UsageBucket.Month when hour.Start.Month > Sample.Now.Month => new(hour.Start.Year, hour.Start.Month, 1, 0, 0, 0, TimeSpan.Zero),
        _ => UsageFixture.From.Start,
    };

    private static string ValueOf(string dimension, LedgerEntry entry)
    {
        var asked = entry.Request!.Summary;
        var tags = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string>>(asked.Tags)!;
        return dimension switch
        {
            "model" => asked.Model,
            "quality" => asked.Quality,
            "key" => asked.KeyId,
            "end_user" => asked.EndUser,
            _ => tags.GetValueOrDefault(dimension["tag:".Length..], ""),
        };
    }
}
