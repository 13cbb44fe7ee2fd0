import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Java consumers as members of groups, driven line by line as the Go ones (go/main.go has the ops). Bytes are base64. */
public final class GroupClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(50);
    private static final Map<String, Class<?>> ASSIGNORS =
            Map.of("range", RangeAssignor.class, "cooperative-sticky", CooperativeStickyAssignor.class);

    private final String bootstrap;
    private final Map<String, Member> members = new HashMap<>();

    private GroupClient(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] args) throws Exception {
        GroupClient client = new GroupClient(args[0]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ObjectNode answer = JSON.createObjectNode();
            try {
                client.run(JSON.readTree(line), answer);
            } catch (Exception e) {
                answer.put("error", (e instanceof ExecutionException ? e.getCause() : e).toString());
            }
            out.println(JSON.writeValueAsString(answer));
        }
        System.exit(0);
    }

    private void run(JsonNode asked, ObjectNode answer) throws Exception {
        String op = asked.get("op").asText();
        switch (op) {
            case "create_topic" -> createTopic(asked);
            case "produce" -> produce(asked, answer);
            case "committed" -> committed(asked, answer);
            case "join" -> members.put(asked.get("member").asText(), new Member(bootstrap, asked));
            case "leave" -> members.remove(asked.get("member").asText()).consumer.close();
            default -> members.get(asked.get("member").asText()).run(op, asked, answer);
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    private void createTopic(JsonNode asked) throws Exception {
        try (Admin admin = admin()) {
            NewTopic topic = new NewTopic(asked.get("topic").asText(), asked.get("partitions").asInt(), (short) 1);
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    private void produce(JsonNode asked, ObjectNode answer) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("compression.type", asked.get("codec").asText());
        properties.put("linger.ms", 5);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (JsonNode record : asked.get("records")) {
                ProducerRecord<byte[], byte[]> each = new ProducerRecord<>(
                        asked.get("topic").asText(), record.get("partition").asInt(), bytes(record.get("key")), bytes(record.get("value")));
                for (JsonNode header : record.get("headers")) {
                    each.headers().add(header.get("name").asText(), bytes(header.get("value")));
                }
                sent.add(producer.send(each));
            }
            ArrayNode offsets = answer.putArray("offsets");
            for (Future<RecordMetadata> each : sent) {
                offsets.add(each.get().offset());
            }
        }
    }

    private void committed(JsonNode asked, ObjectNode answer) throws Exception {
        try (Admin admin = admin()) {
            ObjectNode offsets = answer.putObject("by_partition");
            admin.listConsumerGroupOffsets(asked.get("group").asText()).partitionsToOffsetAndMetadata().get().forEach((at, offset) -> {
                if (at.topic().equals(asked.get("topic").asText())) {
                    offsets.put(Integer.toString(at.partition()), offset.offset());
                }
            });
        }
    }

    private static byte[] bytes(JsonNode node) throws java.io.IOException {
        return node.isNull() ? null : node.binaryValue();
    }

    /** A subscribed consumer; all its work is done within the calls, but for its heartbeats. */
    private static final class Member implements ConsumerRebalanceListener {
        private final String topic;
        private final KafkaConsumer<byte[], byte[]> consumer;
        // After what was polled, of the partitions that the member has.
        private final Map<Integer, Long> positions = new HashMap<>();

        private Member(String bootstrap, JsonNode asked) {
            topic = asked.get("topic").asText();
            Properties properties = new Properties();
            properties.put("bootstrap.servers", bootstrap);
            properties.put("group.id", asked.get("group").asText());
            properties.put("partition.assignment.strategy", ASSIGNORS.get(asked.get("assignor").asText()).getName());
            properties.put("enable.auto.commit", "false");
            properties.put("auto.offset.reset", "earliest");
            properties.put("session.timeout.ms", 30_000);
            properties.put("heartbeat.interval.ms", 300);
            properties.put("fetch.max.wait.ms", 200);
            if (!asked.get("instance").asText().isEmpty()) {
                properties.put("group.instance.id", asked.get("instance").asText());
            }
            consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            consumer.subscribe(List.of(topic), this);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            revoked.forEach(at -> positions.remove(at.partition()));
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {}

        private void run(String op, JsonNode asked, ObjectNode answer) {
            TopicPartition at = new TopicPartition(topic, asked.path("partition").asInt());
            switch (op) {
                case "poll" -> poll(answer);
                case "commit" -> commit(answer);
                case "seek" -> consumer.seek(at, asked.get("offset").asLong());
                case "pause" -> consumer.pause(List.of(at));
                case "resume" -> consumer.resume(List.of(at));
                default -> throw new IllegalArgumentException("unknown op: " + op);
            }
        }

        private void poll(ObjectNode answer) {
            ArrayNode records = answer.putArray("records");
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_TIMEOUT)) {
                positions.put(record.partition(), record.offset() + 1);
                ObjectNode into = records.addObject().put("partition", record.partition()).put("offset", record.offset());
                into.put("key", record.key()).put("value", record.value());
                ArrayNode headers = into.putArray("headers");
                for (Header header : record.headers()) {
                    headers.addObject().put("name", header.key()).put("value", header.value());
                }
            }
            ArrayNode assigned = answer.putArray("assigned");
            consumer.assignment().forEach(each -> assigned.add(each.partition()));
        }

        private void commit(ObjectNode answer) {
            ObjectNode sent = answer.putObject("by_partition");
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            positions.forEach((partition, offset) -> {
                sent.put(Integer.toString(partition), offset);
                offsets.put(new TopicPartition(topic, partition), new OffsetAndMetadata(offset));
            });
            // What fails is in the answer beside what was sent.
            consumer.commitSync(offsets);
        }
    }
}
