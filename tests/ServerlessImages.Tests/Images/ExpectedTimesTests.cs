using Microsoft.Extensions.Time.Testing;
using ServerlessImages.Images;
using ServerlessImages.Storage;
using ServerlessImages.Tests.Ledger;

namespace ServerlessImages.Tests.Images;

/// <summary>What is expected of a model is what it did lately, here and on other instances. In virtual time.</summary>
public sealed class ExpectedTimesTests
{
    private static readonly TimeSpan WrittenEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CachedFor = TimeSpan.FromMinutes(5);
    private readonly FakeTimeProvider clock = Sample.Clock();
    private readonly FaultyTableStore store = new(new InMemoryTableStore()) { Table = TableNames.Deployments };
    private readonly ExpectedTimes times;

    public ExpectedTimesTests() => times = new ExpectedTimes(store, clock);

    [Fact]
    public async Task Before_ten_images_the_catalogue_counts_and_from_then_on_what_they_took()
    {
        await DrawnAsync(times, 9, seconds: 40);
        Assert.Equal(TimeSpan.FromSeconds(18), await ExpectedAsync(times));

        await DrawnAsync(times, 1, seconds: 40);
        Assert.Equal(TimeSpan.FromSeconds(40), await ExpectedAsync(times));
    }

    [Fact]
    public async Task Each_model_size_and_quality_is_learned_by_itself()
    {
        await DrawnAsync(times, 10, seconds: 40);

        Assert.Equal(TimeSpan.FromSeconds(45), await times.OfAsync(Sample.Request(quality: ImageQuality.Medium), Cancel));
        Assert.Equal(TimeSpan.FromSeconds(18), await times.OfAsync(Sample.Request(size: "1536x1024"), Cancel));
        Assert.Equal(TimeSpan.FromSeconds(15), await times.OfAsync(Sample.Request(model: "gpt-image-1.5"), Cancel));
    }

    [Fact]
    public async Task A_size_beyond_those_that_were_measured_is_expected_to_take_longer()
    {
        var expected = await times.OfAsync(Sample.Request(size: "3840x2160", quality: ImageQuality.High), Cancel);

        Assert.Equal(298, expected.TotalSeconds, tolerance: 1);
    }

    [Fact]
    public async Task Of_several_images_that_are_drawn_four_at_once_all_count()
    {
        Assert.Equal(TimeSpan.FromSeconds(260), await times.OfAsync(Sample.Request(count: 5, quality: ImageQuality.High), Cancel));
    }

    [Fact]
    public async Task A_model_that_becomes_slower_is_believed_within_some_dozens_of_images()
    {
        await DrawnAsync(times, 500, seconds: 20);
        await DrawnAsync(times, 60, seconds: 80);

        Assert.InRange((await ExpectedAsync(times)).TotalSeconds, 55, 75);
    }

    [Fact]
    public async Task Two_instances_learn_together()
    {
        var other = new ExpectedTimes(store, clock);
        await DrawnAsync(times, 5, seconds: 20);
        Assert.Equal(TimeSpan.FromSeconds(18), await ExpectedAsync(times));
        await DrawnAsync(other, 5, seconds: 40);
        clock.Advance(CachedFor);

        Assert.Equal(30, (await ExpectedAsync(times)).TotalSeconds, tolerance: 0.1);
        Assert.Equal(await ExpectedAsync(times), await ExpectedAsync(other));
    }

    [Fact]
    public async Task What_two_instances_write_at_once_is_that_of_one_of_them()
    {
        await DrawnAsync(times, 9, seconds: 20);
        var racing = new HookedTableStore(store) { Table = TableNames.Deployments };
        racing.OnCommit = async (_, commit) =>
        {
            await DrawnAsync(times, 1, seconds: 20);
            return await commit();
        };

        await DrawnAsync(new ExpectedTimes(racing, clock), 1, seconds: 200);

        Assert.Equal(TimeSpan.FromSeconds(20), await ExpectedAsync(new ExpectedTimes(store, clock)));
    }

    [Fact]
    public async Task However_many_images_there_are_an_instance_writes_twice_a_minute()
    {
        for (var image = 0; image < 100; image++) await times.NoteAsync(Sample.Request(), TimeSpan.FromSeconds(image == 0 ? 40 : 30), Cancel);
        Assert.Equal(1, store.Commits);

        clock.Advance(WrittenEvery);
        await times.NoteAsync(Sample.Request(), TimeSpan.FromSeconds(30), Cancel);

        Assert.Equal(2, store.Commits);
        Assert.Equal(30.1, (await ExpectedAsync(times)).TotalSeconds, tolerance: 0.1);
    }

    [Fact]
    public async Task Without_the_store_the_catalogue_counts_and_nothing_fails()
    {
        await DrawnAsync(times, 10, seconds: 40);
        store.IsDown = true;
        clock.Advance(CachedFor);

        await DrawnAsync(times, 1, seconds: 40);

        Assert.Equal(TimeSpan.FromSeconds(18), await ExpectedAsync(times));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<TimeSpan> ExpectedAsync(ExpectedTimes of) => of.OfAsync(Sample.Request(), Cancel);

    /// <summary>So slowly that each is written.</summary>
    private async Task DrawnAsync(ExpectedTimes by, int images, int seconds)
    {
        for (var image = 0; image < images; image++)
        {
            clock.Advance(WrittenEvery);
            await by.NoteAsync(Sample.Request(), TimeSpan.FromSeconds(seconds), Cancel);
        }
    }
}
