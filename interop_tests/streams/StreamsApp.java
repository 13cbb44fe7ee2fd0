import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.TimeWindows;

/**
 * One of three Kafka Streams applications: StreamsApp TOPOLOGY PREFIX [CONFIG=VALUE ...]. Its topics begin with the prefix. Each
 * state of the client is a line on stdout. SIGTERM closes it in order; it exits with 1 when its threads have died, with 2 when it
 * cannot close.
 */
public final class StreamsApp {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration WINDOW = Duration.ofSeconds(1);
    // No record of a test is late, or too far from its partner, in whatever order partitions are read.
    private static final Duration EVER = Duration.ofHours(1);

    private StreamsApp() {}

    public static void main(String[] args) {
        Properties config = new Properties();
        config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        for (String setting : Arrays.asList(args).subList(2, args.length)) {
            String[] parts = setting.split("=", 2);
            config.put(parts[0], parts[1]);
        }
        KafkaStreams streams = new KafkaStreams(topology(args[0], args[1]), config);
        streams.setStateListener((now, before) -> {
            System.out.println(now);
            if (now == KafkaStreams.State.ERROR) {
                Runtime.getRuntime().halt(1);
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (!streams.close(CLOSE_TIMEOUT)) {
                Runtime.getRuntime().halt(2);
            }
        }));
        streams.start();
    }

    private static Topology topology(String name, String prefix) {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, String> results =
                switch (name) {
                    case "words" -> words(builder.stream(prefix + "-lines"));
                    case "join" -> join(builder.stream(prefix + "-orders"), builder.stream(prefix + "-payments"));
                    case "windows" -> windows(builder.stream(prefix + "-readings"));
                    default -> throw new IllegalArgumentException(name);
                };
        results.to(prefix + "-results");
        return builder.build();
    }

    /** Lines to word -> how often it has come so far; every step of the count is a record. */
    private static KStream<String, String> words(KStream<String, String> lines) {
        return lines.flatMapValues(line -> Arrays.asList(line.toLowerCase(Locale.ROOT).split(" ")))
                .groupBy((key, word) -> word)
                .count()
                .toStream()
                .mapValues(String::valueOf);
    }

    /** Values "customer order" and "customer payment" to customer -> "order payment", for each pair. */
    private static KStream<String, String> join(KStream<String, String> orders, KStream<String, String> payments) {
        return byFirstWord(orders)
                .join(
                        byFirstWord(payments),
                        (order, payment) -> order + " " + payment,
                        JoinWindows.ofTimeDifferenceAndGrace(EVER, EVER));
    }

    /** Values "sensor reading" to "sensor@window in ms" -> "count sum" of a tumbling window; every step is a record. */
    private static KStream<String, String> windows(KStream<String, String> readings) {
        return byFirstWord(readings)
                .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
                .windowedBy(TimeWindows.ofSizeAndGrace(WINDOW, EVER))
                .aggregate(() -> "0 0", (sensor, reading, sofar) -> {
                    String[] parts = sofar.split(" ");
                    return (Long.parseLong(parts[0]) + 1) + " " + (Long.parseLong(parts[1]) + Long.parseLong(reading));
                })
                .toStream()
                .map((window, value) -> KeyValue.pair(window.key() + "@" + window.window().start(), value));
    }

    private static KStream<String, String> byFirstWord(KStream<String, String> values) {
        return values.map((key, value) -> {
            String[] parts = value.split(" ", 2);
            return KeyValue.pair(parts[0], parts[1]);
        });
    }
}
