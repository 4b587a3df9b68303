using ServerlessImages.Simulation.Plants;

namespace ServerlessImages.Simulation.Tests;

/// <summary>Core with a bug: the simulation is worth as much as it finds.</summary>
public sealed class PlantTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. Plant.All.Where(plant => !plant.IsOfPayments && !plant.IsOfDeliveries).Select(plant => plant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_planted_bug_is_found(string name) => AssertFound(name, output);

    internal static void AssertFound(string name, ITestOutputHelper output)
    {
        var found = PlantedCore.Load(Plant.All.Single(plant => plant.Name == name)).FirstViolation(PlantSeeds.Of(name), PlantSeeds.Max);

        Assert.NotNull(found);
        output.WriteLine($"seed {found.Value.Seed}: {found.Value.Violation}");
    }

    [Fact]
    public void Each_is_written_down_with_a_seed_and_nothing_else_is() => Assert.Equal(Plant.All.Select(plant => plant.Name).Order(StringComparer.Ordinal), PlantSeeds.Names.Order(StringComparer.Ordinal));

    [Fact]
    public void A_plant_whose_line_is_gone_fails()
    {
        var moved = Plant.All[0] with { Old = "a line that is not there" };

        var failure = Assert.Throws<InvalidOperationException>(() => PlantedCore.Load(moved));

        Assert.Contains("0 times, not once", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_change_the_compiled_Core_is_the_one_that_is_simulated(bool isOfPayments)
    {
        var same = Plant.All[0] with { New = Plant.All[0].Old, IsOfPayments = isOfPayments };

        Assert.Null(PlantedCore.Load(same).FirstViolation(firstSeed: 1, seedsMax: 50));
    }
}

/// <summary>The same of deliveries.</summary>
public sealed class DeliveryPlantTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. DeliveryPlants.All.Select(plant => plant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_planted_bug_is_found(string name) => PlantTests.AssertFound(name, output);
}

/// <summary>The same of payments: a class of its own, so that both run at once.</summary>
public sealed class PaymentPlantTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. PaymentPlants.All.Select(plant => plant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_planted_bug_is_found(string name) => PlantTests.AssertFound(name, output);
}
